"""The OpenAPI document: what FastAPI makes of the routes, completed with what it does not know."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema

from app.core.http import jsend
from schemas.content import AttemptReport, ContentState, ContentSubmission
from schemas.prompt import PromptTask

DESCRIPTION = """
A client signs in (**T5**), asks for a task (**T1**), generates a text or a picture with whatever model it has and
hands the result back (**T2**). The connector stores it, publishes it and tells whoever wants to know; used prompts
are made available again by **T4**.

Every answer is a [JSend](https://github.com/omniti-labs/jsend) envelope. To try the calls here: *Authorize* with
the `jwt` that `POST /signin` answers with.
"""

REFERENCE = "#/components/schemas/"
# FastAPI's own refusal, which no caller ever sees: ours are JSend.
FOREIGN = ("HTTPValidationError", "ValidationError")

Document = dict[str, Any]


def install(app: FastAPI) -> None:
    def document() -> Document:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def build(app: FastAPI) -> Document:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        servers=[{"url": app.root_path or "/"}],
    )
    schemas = document["components"]["schemas"] | _schemas_as_written()
    for operation in operations_in(document):
        _say_what_any_answer_may_be(operation)
        for content in _contents_of(operation):
            _add_example(content, schemas)
    document["components"]["schemas"] = {name: schemas[name] for name in sorted(schemas) if name not in FOREIGN}
    return document


def operations_in(document: Document) -> Iterator[Document]:
    for path in document["paths"].values():
        yield from path.values()


class AsWritten(GenerateJsonSchema):
    """Keys stay in the order in which the seeds show them."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        del parent_key
        return value


def _schemas_as_written() -> Document:
    """The bodies that we read ourselves, and those whose examples hold nulls, which FastAPI leaves out."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (ContentSubmission, "validation"),
        (AttemptReport, "validation"),
        (ContentState, "serialization"),
        (PromptTask, "serialization"),
    ]
    _, found = models_json_schema(models, ref_template=REFERENCE + "{model}", schema_generator=AsWritten)
    schemas: Document = found["$defs"]
    return schemas


def _say_what_any_answer_may_be(operation: Document) -> None:
    responses = operation["responses"]
    if REFERENCE + FOREIGN[0] in str(responses.get("422")):
        del responses["422"]
    failed = jsend.documents(500)[500]
    schema = {"$ref": REFERENCE + failed.pop("model").__name__}
    failed["content"]["application/json"]["schema"] = schema
    responses.setdefault("500", failed)
    operation["responses"] = dict(sorted(responses.items()))


def _contents_of(operation: Document) -> Iterator[Document]:
    """Each media type of the request and of the answers."""
    for described in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from described.get("content", {}).values()


def _add_example(content: Document, schemas: Document) -> None:
    if content.keys() & {"example", "examples"}:
        return
    example = example_of(content.get("schema", {}), schemas)
    if example is not None:
        content["example"] = example


def example_of(schema: Document, schemas: Document) -> Any:
    """The example that a schema carries, or one put together from those of its parts; None when they have none."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].removeprefix(REFERENCE)], schemas)
    for known in ("const", "default"):
        if known in schema:
            return schema[known]
    if schema.get("examples"):
        return schema["examples"][0]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return example_of(schema[choice][0], schemas)
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    if schema.get("type") == "object":
        parts = schema.get("properties", {})
        return {name: example_of(part, schemas) for name, part in parts.items()}
    return None
