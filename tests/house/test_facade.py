"""The verbs of the facade: on whose behalf, of which types, and which of them clients may use."""

import inspect
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel

from app.access.caller import Caller
from app.core import errors
from app.facade.connector import Connector
from schemas.content import AttemptReport, ContentData
from schemas.prompt import PromptFilters, TaskQuery
from tests.builders import a_prompt, a_user

VERBS = {
    name: verb
    for name, verb in inspect.getmembers(Connector, inspect.iscoroutinefunction)
    if not name.startswith("_")
}
# By which one becomes a caller.
WITHOUT_CALLER = {"sign_in"}
# With arguments that suit a service of one prompt; the others are for operators.
FOR_CLIENTS = {
    "claim_task": {"query": TaskQuery()},
    "extend_lease": {"prompt_id": 1},
    "release_task": {"prompt_id": 1},
    "report_failure": {"report": AttemptReport(status="fail", data={"promptId": "1"})},
    "submit_content": {"data": ContentData(text="Rain.", promptId="1"), "publish": False},
    "wait_for_page": {"content_id": 1},
    "read_content": {"content_id": 1},
    "read_prompt": {"prompt_id": 1},
    "reset_prompts": {"filters": PromptFilters()},
    "sign_out": {},
}
FOR_OPERATORS = {
    "add_config",
    "add_instruction",
    "add_interval",
    "add_prompt",
    "add_site",
    "add_token",
    "add_topic",
    "add_user",
    "approve_content",
    "attach_file",
    "check_site",
    "detach_file",
    "edit_config",
    "edit_instruction",
    "edit_interval",
    "edit_prompt",
    "edit_site",
    "edit_topic",
    "edit_user",
    "find_filters",
    "list_audit_entries",
    "list_configs",
    "list_contents",
    "list_files",
    "list_instructions",
    "list_intervals",
    "list_jobs",
    "list_prompts",
    "list_requested",
    "list_sites",
    "list_tokens",
    "list_topics",
    "list_unpublished",
    "list_users",
    "move_content",
    "publish_by_default",
    "publish_content",
    "read_approval",
    "read_config",
    "read_instruction",
    "read_interval",
    "read_site",
    "read_topic",
    "read_user",
    "rebuild_site",
    "release_prompt",
    "remove_config",
    "remove_content",
    "remove_instruction",
    "remove_interval",
    "remove_jobs",
    "remove_prompt",
    "remove_site",
    "remove_topic",
    "remove_user",
    "retry_jobs",
    "revoke_token",
    "schedule_content",
    "show_prompt",
    "unpublish_content",
    "withdraw_approval",
}

PLAIN = {bool: True, int: 1, float: 1.0, str: "x", bytes: b"x", Path: Path("x"), datetime: datetime.now(UTC)}
COLLECTIONS = {list, Iterable, Sequence, typing.Union, types.UnionType}


def hints_of(name):
    return {field: hint for field, hint in typing.get_type_hints(VERBS[name]).items() if hint is not Caller}


def odd_types(hint):
    """What of a type is neither plain nor a model of the wire."""
    if hint in PLAIN or hint is type(None):
        return set()
    if inspect.isclass(hint) and issubclass(hint, BaseModel | StrEnum) and hint.__module__.startswith("schemas."):
        return set()
    if typing.get_origin(hint) in COLLECTIONS:
        return set().union(*map(odd_types, typing.get_args(hint)))
    # How far long work is.
    return set() if hint == Callable[[int, int], None] else {hint}


def an_argument(hint):
    """Something of that type; a model need not be a valid one."""
    kind = next(iter(typing.get_args(hint)), hint)
    return PLAIN[kind] if kind in PLAIN else kind.model_construct()


def arguments_of(name):
    """One for each parameter that must be given, beside the caller."""
    return {
        field: an_argument(hints_of(name)[field])
        for field, parameter in inspect.signature(VERBS[name]).parameters.items()
        if parameter.default is parameter.empty and field not in {"self", "caller"}
    }


async def a_client_of(service):
    user = await a_user(service.state.runtime.database)
    return Caller(user.id, user.email, user.role, "a-token", datetime.now(UTC))


def test_every_verb_is_for_clients_or_for_operators():
    assert sorted([*FOR_CLIENTS, *FOR_OPERATORS, *WITHOUT_CALLER]) == sorted(VERBS)


@pytest.mark.parametrize("name", sorted(VERBS.keys() - WITHOUT_CALLER))
def test_a_verb_says_first_on_whose_behalf_it_acts(name):
    _, first, *_ = inspect.signature(VERBS[name]).parameters

    assert first == "caller"
    assert typing.get_type_hints(VERBS[name])["caller"] is Caller


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_verb_takes_and_gives_what_is_plain_or_a_model_of_the_wire(name):
    parameters = inspect.signature(VERBS[name]).parameters.keys() - {"self", "caller"}

    hints = hints_of(name)

    assert hints.keys() == parameters | {"return"}
    assert {field: odd for field, hint in hints.items() if (odd := odd_types(hint))} == {}


async def test_a_client_is_refused_what_is_for_operators(service, subtests):
    caller = await a_client_of(service)
    connector = service.state.runtime.connector
    for name in sorted(FOR_OPERATORS):
        with subtests.test(name), pytest.raises(errors.Forbidden):
            await getattr(connector, name)(caller, **arguments_of(name))


async def test_a_client_is_not_refused_what_is_for_clients(start, subtests):
    service = await start(publish_wait_seconds=0)
    await a_prompt(service.state.runtime.database)
    caller = await a_client_of(service)
    connector = service.state.runtime.connector
    for name, arguments in FOR_CLIENTS.items():
        with subtests.test(name), suppress(errors.NotFound, errors.Conflict):
            await getattr(connector, name)(caller, **arguments)
