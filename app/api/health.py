"""Whether the service is alive, ready, and what it counts."""

import hmac
import os

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.responses import Response

from app.api.dependencies import RuntimeDep
from app.core import errors
from app.core.http import jsend
from app.diagnostics import service as diagnostics
from schemas.health import Alive, Ready
from schemas.jsend import Success

router = APIRouter(tags=["Health"])

METRICS_EXAMPLE = 'pygai_requests_total{method="GET",route="/aiprompt/output/",status="200"} 42.0\n'


@router.get("/healthz", summary="Alive?", response_model=Success[Alive])
async def healthz() -> Response:
    """The process answers; nothing else is checked."""
    return jsend.success(Alive(alive=True), headers=jsend.NO_STORE)


@router.get(
    "/readyz",
    summary="Ready for requests?",
    response_model=Success[Ready],
    responses=jsend.documents(503),
)
async def readyz(runtime: RuntimeDep) -> Response:
    """Database, migrations and queue are as they must be; 503 says which is not."""
    ready = await diagnostics.check_readiness(runtime.database, runtime.extensions)
    parts = ready.model_dump(exclude={"extensions"})
    wrong = [f"{part}: {state}" for part, state in parts.items() if state != "ok"]
    if wrong:
        return jsend.error(503, f"Not ready. {'; '.join(wrong)}", headers=jsend.NO_STORE)
    return jsend.success(ready, headers=jsend.NO_STORE)


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Everything that is counted",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": METRICS_EXAMPLE}},
        },
        **jsend.documents(401),
    },
)
async def metrics(request: Request, runtime: RuntimeDep) -> Response:
    """In the text format of Prometheus; behind a token when `PYGAI_METRICS_TOKEN` is set."""
    token = runtime.settings.metrics_token
    given = request.headers.get("authorization", "")
    if token is not None and not _is_same(given, f"Bearer {token.get_secret_value()}"):
        raise errors.Unauthorized({"Authorization": "send the metrics token as a bearer token"})
    return Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)


def _is_same(given: str, wanted: str) -> bool:
    # In a time that tells nothing of how much of it was right.
    return hmac.compare_digest(given.encode(), wanted.encode())


def _registry() -> CollectorRegistry:
    """With several workers each writes its counts to a folder, and any of them adds them up."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
