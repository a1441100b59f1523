"""Every route speaks JSend, whatever is wrong with a request. The routes are walked: a new one is held too."""

import re

import pytest
from fastapi import Depends
from fastapi.routing import iter_route_contexts

from app.api.dependencies import bearer, get_caller
from app.core.http.routing import HotRoute, hot_router
from app.main import ROUTERS
from tests.api.test_common import PREFLIGHT
from tests.conftest import a_client
from tests.envelopes import failed
from tests.house.deployment import ROOT

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# Pages and files for people and programs that know no JSend when all is well.
NO_API = {"/docs", "/docs/oauth2-redirect", "/openapi.json", "/static-offline-docs"}
OPEN = re.compile(r"/(signin|healthz|readyz|metrics|sites/.*|media/.*|uploads/.*)/?")


def routes_of(service):
    """Each path with all its methods; parameters are filled with what fits and is not there."""
    found = {}
    for context in iter_route_contexts(service.routes):
        if context.path not in NO_API:
            found.setdefault(context.path, set()).update(context.methods)
    return found


def filled(path, value="999"):
    return re.sub(r"\{[^}]*\}", value, path)


def sendable(path, method):
    """A body of about the right kind, so that nothing else is wrong."""
    if path.startswith("/signin"):
        return {"data": {"username": "a@b.c", "password": "x"}}
    if "files" in path and method == "POST":
        return {"files": {"file": ("a.txt", b"x")}}
    return {"json": {}} if method == "POST" else {}


async def test_every_protected_route_refuses_a_stranger_in_jsend(service, stranger, subtests):
    for path, methods in routes_of(service).items():
        for method in methods - {"HEAD"}:
            if OPEN.fullmatch(path):
                continue
            with subtests.test(path=path, method=method):
                answer = await stranger.request(method, filled(path), **sendable(path, method))
                failed(answer, 401, "Authorization")
                assert answer.headers["WWW-Authenticate"] == "Bearer"


def hot_routes():
    for router in ROUTERS:
        yield from ((router, route) for route in router.routes if isinstance(route, HotRoute))


def calls_in(dependant):
    yield dependant.call
    for inner in dependant.dependencies:
        yield from calls_in(inner)


async def test_a_hot_route_that_documents_a_token_refuses_a_call_without_one(stranger, subtests):
    documented = [route for _, route in hot_routes() if bearer in calls_in(route.dependant)]

    assert {"/aiprompt/output/", "/aicontent/input/", "/jwtinfo"} <= {route.path for route in documented}
    for route in documented:
        for method in route.methods:
            with subtests.test(path=route.path, method=method):
                failed(await stranger.request(method, route.path), 401, "Authorization")


def test_what_a_hot_route_only_documents_is_never_written_as_a_dependency(subtests):
    with pytest.raises(TypeError):
        hot_router(dependencies=[Depends(get_caller)])
    for router, route in hot_routes():
        with subtests.test(route.path):
            assert route.dependencies == list(router.dependencies)


def test_the_decision_about_hot_routes_names_each_of_them():
    page = (ROOT / "docs" / "decisions" / "0008-hot-statements.md").read_text("utf-8")

    [named] = re.findall(r"Hot are (.+?); everything else", page, re.DOTALL)

    hot = {f"{min(route.methods)} {route.path}" for _, route in hot_routes() if route.include_in_schema}
    assert set(re.findall(r"`([^`]+)`", named)) == {name.replace(":path", "") for name in hot}


async def test_the_open_routes_are_those_that_must_be(service):
    protected = {"/signout", "/jwtinfo", "/aiprompt/output/", "/aiprompt/reset/", "/aicontent/input/"}

    opened = {path for path in routes_of(service) if OPEN.fullmatch(path)}

    assert not opened & protected
    assert len(opened) == 9, opened


async def test_every_route_refuses_other_methods_and_names_its_own(service, client, subtests):
    for path, methods in routes_of(service).items():
        for method in set(METHODS) - methods:
            with subtests.test(path=path, method=method):
                answer = await client.request(method, filled(path))
                assert answer.status_code == 405
                assert set(answer.headers["Allow"].split(", ")) == methods
                if method != "HEAD":
                    failed(answer, 405, "method")


async def test_every_route_refuses_other_methods_to_a_stranger_too(service, stranger):
    for path in routes_of(service):
        failed(await stranger.request("TRACE", filled(path)), 405, "method")


async def test_what_is_nowhere_is_not_found_in_jsend(stranger, client, subtests):
    for path in [
        "/",
        "/nowhere",
        "/aiprompt/",
        "/aiprompt/output/more",
        "/%2e%2e/",
        "//",
        "/signin/x",
        "/favicon.ico",
    ]:
        for method in METHODS:
            with subtests.test(path=path, method=method):
                answer = await stranger.request(method, path)
                assert answer.status_code == 404
                if method != "HEAD":
                    failed(answer, 404, "path")


@pytest.mark.parametrize("value", ["0", "-1", "abc", "1.5", "9" * 30, "9" * 5000, "%00", "²", "1%20", "true"])
async def test_every_number_in_a_path_is_checked(service, administrator, value, subtests):
    for path, methods in routes_of(service).items():
        if "_id" not in path:
            continue
        for method in methods:
            with subtests.test(path=path, method=method):
                answer = await administrator.request(method, filled(path, value), **sendable(path, method))
                assert answer.status_code in {404, 422}
                failed(answer, answer.status_code)


async def test_every_route_takes_a_preflight_without_a_token_when_origins_are_allowed(start, subtests):
    service = await start(cors_origins=[PREFLIGHT["Origin"]])
    async with a_client(service) as stranger:
        for path in routes_of(service):
            with subtests.test(path):
                assert (await stranger.options(filled(path), headers=PREFLIGHT)).status_code == 200


async def test_every_api_path_is_there_with_and_without_its_slash(service):
    paths = set(routes_of(service))

    for path in paths:
        if path.endswith("}") or path in {"/healthz", "/readyz", "/metrics", "/sites/{name}"}:
            continue
        assert {path.rstrip("/"), path.rstrip("/") + "/"} <= paths
