"""Which tables come over, in the order of their references, and how."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import SQLModel

from app.models import Content, ContentFile, Prompt, PromptFile, Publication
from app.transfer.original import contents, named, prompts, publications
from app.transfer.original.context import Context, Draft
from app.transfer.original.source import Values
from app.transfer.original.values import OddRow


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of one table come over. What is `immutable` makes a row the same one in a later import."""

    table: str
    model: type[SQLModel]
    query: str
    convert: Callable[[OddRow, Context, int], Draft]
    immutable: tuple[str, ...] = ("lastModified",)
    children: type[SQLModel] | None = None
    kind: str | None = None


def _small(table: str) -> Plan:
    model, convert = named.CONVERTERS[table]
    return Plan(
        table, model, f"SELECT * FROM {table} ORDER BY id", lambda row, context, _id: convert(row, context)
    )


PLANS = (
    *(_small(table) for table in named.CONVERTERS),
    Plan("gaiPrompt", Prompt, prompts.QUERY, prompts.prompt, children=PromptFile),
    Plan(
        "gaiContent",
        Content,
        contents.QUERY,
        contents.content,
        immutable=("created", "histId", "text"),
        children=ContentFile,
    ),
    Plan(
        "gaiPublish", Publication, publications.QUERY, publications.publication, immutable=("created", "filename")
    ),
    Plan(
        "gaiPublish",
        Publication,
        publications.BY_EXTENSIONS_QUERY,
        publications.publication_by_extension,
        immutable=("created", "histId", "text", "publishId"),
        kind="publication by an extension",
    ),
)


def fingerprint(plan: Plan, values: Values) -> bytes:
    """The same for the same row however much its database has grown; names and prompts may be edited there."""
    parts: list[Any] = ["pygai", plan.kind or plan.table, values["id"]]
    parts += [repr(values.get(column)) for column in plan.immutable]
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).digest()
