"""The OpenAPI document: what FastAPI makes of the routes, and the bodies that we read ourselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from schemas.content import AttemptReport, ContentSubmission

DESCRIPTION = """
A client signs in (**T5**), asks for a task (**T1**), generates a text or a picture with whatever model it has and
hands the result back (**T2**). The connector stores it, publishes it and tells whoever wants to know; used prompts
are made available again by **T4**.

Every answer is a [JSend](https://github.com/omniti-labs/jsend) envelope. To try the calls here: *Authorize* with
the `jwt` that `POST /signin` answers with.
"""


def install(app: FastAPI) -> None:
    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def build(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        servers=[{"url": app.root_path or "/"}],
    )
    _, own = models_json_schema(
        [(ContentSubmission, "validation"), (AttemptReport, "validation")],
        ref_template="#/components/schemas/{model}",
    )
    document["components"]["schemas"] |= own["$defs"]
    return document
