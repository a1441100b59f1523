"""What every answer must look like, asserted in one place."""

from typing import Any

import httpx


def succeeded(answer: httpx.Response, status: int = 200) -> Any:
    """The data of a JSend success."""
    body = _envelope(answer, status)
    assert body.keys() == {"status", "data"}, body
    assert body["status"] == "success", body
    return body["data"]


def failed(answer: httpx.Response, status: int, field: str | None = None) -> dict[str, str]:
    """The reasons of a JSend fail, one of them for `field`."""
    body = _envelope(answer, status)
    assert body.keys() == {"status", "data"}, body
    assert body["status"] == "fail", body
    assert body["data"], "a fail names at least one field"
    assert all(isinstance(reason, str) and reason for reason in body["data"].values()), body
    assert field is None or field in body["data"], body
    return body["data"]


def errored(answer: httpx.Response, status: int) -> str:
    """The message of a JSend error."""
    body = _envelope(answer, status)
    assert body.keys() == {"status", "message", "code"}, body
    assert body["status"] == "error", body
    assert body["code"] == status, body
    return body["message"]


def _envelope(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Request-ID"]
    body = answer.json()
    assert isinstance(body, dict)
    return body
