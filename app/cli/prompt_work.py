"""What `pygai prompt` does."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.output import columns_of, counted, print_row, print_rows, say
from app.cli.running import note, run, run_in_session
from app.core.postgres import named_rows
from app.core.settings import Settings
from app.media.library import MediaLibrary
from app.models import Config, Directory, Instruction, Interval, Prompt, Topic
from app.prompts import editing, files, listing_queries
from app.prompts.listing_queries import PromptLine
from app.prompts.queries import Filters
from app.prompts.service import attachment_url
from app.runtime import Runtime

REFERENCES: dict[str, tuple[str, Any]] = {
    "topic": ("topic_id", Topic),
    "interval": ("interval_id", Interval),
    "config": ("config_id", Config),
    "instruction": ("inst_id", Instruction),
    "directory": ("dir_id", Directory),
}
COLUMNS = ("id", "type", "text", "topic", "interval", "directory", "count", "state")
SHOWN_ATTEMPTS = 10


async def resolve(session: AsyncSession, names: Mapping[str, str]) -> dict[str, int | None]:
    """Columns from names or numbers; an empty one refers to nothing. Raises NotFound."""
    columns: dict[str, int | None] = {}
    for option, reference in names.items():
        column, kind = REFERENCES[option]
        columns[column] = (await named_rows.get(session, kind, reference)).id if reference else None
    return columns


def add(
    columns: Mapping[str, Any], names: Mapping[str, str], *, count: int, files: Sequence[str], as_json: bool
) -> None:
    async def work(runtime: Runtime) -> dict[str, Any]:
        await _keep(runtime.library, files)
        async with runtime.database.session() as session:
            references = await resolve(session, names)
            prompt = await editing.add(session, count=count, **columns, **references)
            await _attach(session, runtime.library, prompt.id, files)
            note(session, "prompt.add", f"prompt {prompt.id}", type=prompt.type, files=len(files))
            return await _described(session, runtime.settings, prompt)

    shown = run(work)
    print_row(shown, as_json=as_json)
    say(f"Added prompt {shown['id']}; it is {shown['state']}.")


def print_all(names: Mapping[str, str], *, after_id: int, limit: int, as_json: bool) -> None:
    async def work(session: AsyncSession) -> Sequence[PromptLine]:
        filters = Filters(**{column: id_ or 0 for column, id_ in (await resolve(session, names)).items()})
        return await listing_queries.list_prompts(session, filters=filters, after_id=after_id, limit=limit)

    print_rows([_line(line) for line in run_in_session(work)], as_json=as_json, columns=COLUMNS)


def show(prompt_id: int, *, as_json: bool) -> None:
    async def work(runtime: Runtime) -> dict[str, Any]:
        async with runtime.database.session() as session:
            prompt = await editing.get(session, prompt_id)
            attempts = await listing_queries.list_attempts(session, prompt_id=prompt_id, limit=SHOWN_ATTEMPTS)
            contents = await listing_queries.count_contents(session, prompt_id=prompt_id)
            return {
                **await _described(session, runtime.settings, prompt),
                "contents": contents,
                "attempts": [
                    {"at": attempt.created_at, "status": attempt.status, "reason": attempt.reason}
                    for attempt in attempts
                ],
            }

    print_row(run(work), as_json=as_json)


def edit(
    prompt_id: int,
    columns: Mapping[str, Any],
    names: Mapping[str, str],
    *,
    attach: Sequence[str],
    detach: Sequence[int],
    as_json: bool,
) -> None:
    async def work(runtime: Runtime) -> dict[str, Any]:
        await _keep(runtime.library, attach)
        async with runtime.database.session() as session:
            changes = {**columns, **await resolve(session, names)}
            prompt = await editing.edit(session, prompt_id=prompt_id, **changes)
            for file_id in detach:
                await files.detach(session, prompt_id=prompt_id, file_id=file_id)
            await _attach(session, runtime.library, prompt_id, attach)
            changed = sorted([*changes, *(["attach"] if attach else []), *(["detach"] if detach else [])])
            note(session, "prompt.edit", f"prompt {prompt_id}", changed=changed)
            return await _described(session, runtime.settings, prompt)

    shown = run(work)
    print_row(shown, as_json=as_json)
    say(f"Changed prompt {prompt_id}; it is {shown['state']}.")


def remove(prompt_id: int) -> None:
    async def work(session: AsyncSession) -> None:
        await editing.remove(session, prompt_id=prompt_id)
        note(session, "prompt.remove", f"prompt {prompt_id}")

    run_in_session(work)
    say(f"Removed prompt {prompt_id}.")


def release(prompt_id: int) -> None:
    async def work(session: AsyncSession) -> bool:
        note(session, "prompt.release", f"prompt {prompt_id}")
        return await editing.release(session, prompt_id=prompt_id)

    was_leased = run_in_session(work)
    say(f"Prompt {prompt_id} is free again." if was_leased else f"Prompt {prompt_id} was not on lease.")


async def _keep(library: MediaLibrary, sources: Sequence[str]) -> None:
    """Bring local files into the library before a transaction is open; attaching finds them there."""
    paths = [Path(source) for source in sources if not _is_address(source)]
    for path in paths:
        if not await asyncio.to_thread(path.is_file):
            raise typer.BadParameter(f"{path} is not a file")
    for path in counted(paths, len(paths), "Storing files"):
        await library.keep(path)


async def _attach(session: AsyncSession, library: MediaLibrary, prompt_id: int, sources: Sequence[str]) -> None:
    for source in sources:
        if _is_address(source):
            await files.attach_address(session, prompt_id=prompt_id, url=source)
        else:
            path = Path(source)
            await files.attach(session, library, prompt_id=prompt_id, source=path, name=path.name)


def _is_address(source: str) -> bool:
    return "://" in source


def _line(line: PromptLine) -> dict[str, Any]:
    return {
        **columns_of(line.prompt),
        "topic": line.topic,
        "interval": line.interval,
        "config": line.config,
        "instruction": line.instruction,
        "directory": line.directory,
        "state": state_of(line.prompt),
    }


async def _described(session: AsyncSession, settings: Settings, prompt: Prompt) -> dict[str, Any]:
    await session.flush()
    filters, before = Filters(id=prompt.id), prompt.id - 1
    (line,) = await listing_queries.list_prompts(session, filters=filters, after_id=before, limit=1)
    attached = await files.list_files(session, prompt_id=prompt.id)
    uploads_url = f"{settings.base_url}/uploads"
    return {
        **_line(line),
        "files": [
            {
                "id": file.id,
                "name": file.name,
                "url": file.url or attachment_url(uploads_url, file.media_hash or "", file.name),
            }
            for file in attached
        ],
    }


def state_of(prompt: Prompt) -> str:
    """In words, how a prompt stands; for people, as this machine's clock sees it."""
    now = datetime.now(UTC)
    if not prompt.is_enabled:
        return "exhausted" if prompt.is_exhausted else "disabled"
    if prompt.count == 0:
        return "exhausted"
    if prompt.leased_until is not None and prompt.leased_until > now:
        return f"leased until {_local(prompt.leased_until)}"
    if prompt.available_at is None:
        return "returned, waiting for its interval" if prompt.interval_id else "returned, waiting for a reset"
    return "available" if prompt.available_at <= now else f"due at {_local(prompt.available_at)}"


def _local(instant: datetime) -> str:
    return f"{instant.astimezone():%Y-%m-%d %H:%M}"
