"""What `pygai prompt` does and prints."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from app.cli.output import counted, print_row, print_rows, say
from app.cli.running import operator, run
from schemas.prompt import PromptChanges, PromptDetails, PromptState, PromptStatus, PromptSummary

COLUMNS = ("id", "type", "text", "topic", "interval", "directory", "count", "state")
# Which `prompt show` adds to what is printed after a change.
HISTORY = frozenset({"contents", "attempts"})

_WORDS = {
    PromptStatus.AVAILABLE: "available",
    PromptStatus.LEASED: "leased until",
    PromptStatus.DUE: "due at",
    PromptStatus.WAITING_FOR_INTERVAL: "returned, waiting for its interval",
    PromptStatus.WAITING_FOR_RESET: "returned, waiting for a reset",
    PromptStatus.DISABLED: "disabled",
    PromptStatus.EXHAUSTED: "exhausted",
}


def sources_of(given: Sequence[str]) -> Iterable[Path | str]:
    """Files and addresses to attach, with a progress bar while they are stored."""
    sources = [source if "://" in source else Path(source) for source in given]
    for source in sources:
        if isinstance(source, Path) and not source.is_file():
            raise typer.BadParameter(f"{source} is not a file")
    return counted(sources, len(sources), "Storing files")


def print_summaries(prompts: Sequence[PromptSummary], *, as_json: bool) -> None:
    print_rows([_columns(prompt) for prompt in prompts], as_json=as_json, columns=COLUMNS)


def print_details(prompt: PromptDetails, *, as_json: bool) -> None:
    print_row(_columns(prompt), as_json=as_json)


def edit(
    prompt_id: int, fields: Mapping[str, Any], *, attach: Sequence[str], detach: Sequence[int], as_json: bool
) -> None:
    changes, files = PromptChanges(**fields), sources_of(attach)
    edited = run(
        lambda runtime: runtime.connector.edit_prompt(
            operator(), prompt_id, changes, attach=files, detach=list(detach)
        )
    )
    print_changed("Changed", edited, as_json=as_json)


def print_changed(verb: str, prompt: PromptDetails, *, as_json: bool) -> None:
    columns = {name: value for name, value in _columns(prompt).items() if name not in HISTORY}
    print_row(columns, as_json=as_json)
    say(f"{verb} prompt {prompt.id}; it is {in_words(prompt.state)}.")


def _columns(prompt: PromptSummary) -> dict[str, Any]:
    return {**prompt.model_dump(), "state": in_words(prompt.state)}


def in_words(state: PromptState) -> str:
    words = _WORDS[state.status]
    return words if state.until is None else f"{words} {_local(state.until)}"


def _local(instant: datetime) -> str:
    return f"{instant.astimezone():%Y-%m-%d %H:%M}"
