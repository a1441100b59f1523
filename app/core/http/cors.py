"""Browsers of other origins: who may call is a setting, and the answers are JSend like all others."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from app.core.http import jsend

ABOUT_THE_BODY = {"content-length", "content-type"}


class JSendCORS(CORSMiddleware):
    """Starlette's own, whose words for a preflight are plain text."""

    def preflight_response(self, request_headers: Headers) -> Response:
        plain = super().preflight_response(request_headers)
        headers = {name: value for name, value in plain.headers.items() if name not in ABOUT_THE_BODY}
        if plain.status_code == 200:
            return jsend.success(headers=headers)
        return jsend.fail({"Origin": bytes(plain.body).decode()}, status=plain.status_code, headers=headers)
