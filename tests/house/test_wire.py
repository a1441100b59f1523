"""A closed set of the wire or of the command line is one that the service keeps, value by value."""

import importlib
import json
import pkgutil
from enum import Enum, StrEnum
from typing import Literal, get_args, get_origin, get_type_hints

import pytest
import sqlalchemy
import typer.main
from jsonschema import Draft202012Validator
from pgqueuer.domain.types import JOB_STATUS
from pydantic import BaseModel
from sqlmodel import SQLModel

import app
import schemas
from app.cli import app as pygai
from app.models import Publication, PublicationStatus
from schemas.jsend import Error, Fail, Success
from tests.builders import a_content, saved
from tests.cli.test_documentation import commands
from tests.envelopes import succeeded
from tests.house import snapshot


def modules_of(package):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def classes_of(package, kind):
    for module in modules_of(package):
        yield from (each for each in vars(module).values() if isinstance(each, type) and issubclass(each, kind))


def values_of(enumeration):
    return frozenset(member.value for member in enumeration)


def closed_sets_in(annotation):
    """The values of each `Literal` and each enumeration, however deep."""
    if get_origin(annotation) is Literal:
        yield frozenset(get_args(annotation))
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield values_of(annotation)
    else:
        for part in get_args(annotation):
            yield from closed_sets_in(part)


WIRE = {
    f"{model.__name__}.{name}": closed_sets
    for model in classes_of(schemas, BaseModel)
    for name, field in model.model_fields.items()
    if (closed_sets := set(closed_sets_in(field.annotation)))
}
OPTIONS = {
    f"{command} {name}": closed_sets
    for command, found in commands(typer.main.get_command(pygai))
    for name, annotation in get_type_hints(found.callback).items()
    if (closed_sets := set(closed_sets_in(annotation)))
}
COLUMNS = {
    frozenset(column.type.enums)
    for _ in modules_of(app)
    for table in SQLModel.metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, sqlalchemy.Enum)
}
ENUMERATIONS = {values_of(kind) for package in (app, schemas) for kind in classes_of(package, StrEnum)}

# The column of the one is PgQueuer's, which has more; the other is worked out from several columns.
OF_NO_COLUMN = {"JobState.status", "PromptState.status"}

JSEND = frozenset(
    value
    for envelope in (Success, Fail, Error)
    for closed_set in closed_sets_in(envelope.model_fields["status"].annotation)
    for value in closed_set
)


@pytest.mark.parametrize("field", sorted(WIRE.keys() - OF_NO_COLUMN))
def test_a_closed_set_of_the_wire_has_every_value_that_its_column_may_hold_and_no_other(field):
    unknown = {found for found in WIRE[field] if found not in COLUMNS and not found <= JSEND}

    assert unknown == set()


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_takes_every_value_of_the_set_that_it_stands_for_and_no_other(option):
    jobs_are_pgqueuers = frozenset(get_args(JOB_STATUS)) if option == "jobs list status" else frozenset()

    unknown = {found for found in OPTIONS[option] if found not in ENUMERATIONS and not found <= jobs_are_pgqueuers}

    assert unknown == set()


def test_the_closed_sets_were_found():
    assert {"PublicationState.status", "ContentFileState.status", "PromptTask.type"} <= WIRE.keys()
    assert {"config add type_", "user add role", "directory add template"} <= OPTIONS.keys()


@pytest.mark.parametrize("status", PublicationStatus)
async def test_a_content_answers_as_documented_however_its_publication_stands(administrator, database, status):
    content = await a_content(database)
    await saved(database, Publication(content_id=content.id, status=status))
    document = json.loads(snapshot.document())
    schema = {"$ref": "#/components/schemas/ContentState", "components": document["components"]}

    found = succeeded(await administrator.get(f"/aicontent/{content.id}/"))

    Draft202012Validator(schema).validate(found)
    assert found["publish"]["status"] == status
