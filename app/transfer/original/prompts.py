"""Prompts and their attachments."""

from datetime import datetime

from app.catalog.cron import next_due
from app.core import errors
from app.media.names import safe_name
from app.transfer.original.context import Context, Draft
from app.transfer.original.files import is_address
from app.transfer.original.named import generation_type
from app.transfer.original.values import OddRow, shown
from app.transfer.queries import Columns

# The original says with NULL or 0 that there is no content; whether there is one, the join tells.
QUERY = """
    SELECT p.*, c.id AS knownContentId, c.created AS contentCreated
    FROM gaiPrompt p LEFT JOIN gaiContent c ON c.id = p.lastContentId ORDER BY p.id
"""

DEFAULT_COUNT = 10

# What a prompt refers to, and the copies of it that the original keeps in the prompt: ours and the row's own name.
COPIES = {
    "intervalId": ("gaiInterval", {"intervalExpr": "expr", "intervalName": "name"}),
    "topicId": ("gaiTopic", {"topicName": "name"}),
    "configId": ("gaiConfig", {"configName": "name", "configText": "text"}),
    "instId": ("gaiInstruction", {"instName": "name", "instText": "text", "instConfig": "config"}),
    "dirId": ("gaiDirectory", {"dirName": "name", "dirPath": "path", "dirTmpl": "tmpl"}),
}


def prompt(row: OddRow, context: Context, our_id: int) -> Draft:
    kind = generation_type(row)
    modified_at = row.needed_instant("lastModified")
    interval_id = context.references.resolve(row, "intervalId", "gaiInterval")
    columns: Columns = {
        "type": kind,
        "text": row.text("text"),
        "memo": row.optional_text("memo"),
        "is_show_in_content": row.flag("isShowInContent", strict=False),
        "interval_id": interval_id,
        "topic_id": context.references.resolve(row, "topicId", "gaiTopic"),
        "config_id": context.references.resolve(row, "configId", "gaiConfig"),
        "inst_id": context.references.resolve(row, "instId", "gaiInstruction"),
        "dir_id": context.references.resolve(row, "dirId", "gaiDirectory"),
        "created_at": modified_at,
        "modified_at": modified_at,
    }
    _look_for_stale_copies(row, context)
    draft = Draft(columns | _count(row) | _return(row, context, our_id, interval_id, modified_at))
    _add_files(row, context, our_id, draft)
    return draft


def _count(row: OddRow) -> Columns:
    """How often the prompt may still be handed out, and whether it was switched off or ran out."""
    quota, is_enabled = row.quota(), row.flag("enabled", strict=True)
    if quota > 0:
        return {"count": quota, "initial_count": quota, "is_enabled": is_enabled, "is_exhausted": False}
    # Only the program itself takes the quota below 0, and that is when it disables; at 0 a person did.
    is_exhausted = is_enabled or quota < 0
    if is_exhausted:
        state = "enabled" if is_enabled else "disabled"
        row.mend(f"quota is {quota} and the prompt {state}", "it has run out: off until a reset gives it 10 again")
    return {"count": 0, "initial_count": DEFAULT_COUNT, "is_enabled": False, "is_exhausted": is_exhausted}


def _return(row: OddRow, context: Context, our_id: int, interval_id: int | None, modified_at: datetime) -> Columns:
    """Since when the prompt waits, or when its interval makes it due again after its last content."""
    content_id, returned_at = row.raw("knownContentId"), row.instant("lastContentTime")
    if content_id is not None:
        context.last_contents[our_id] = content_id
        returned_at = returned_at or row.instant("contentCreated")
    elif row.raw("lastContentId") not in (None, "", 0):
        row.mend(f"lastContentId {shown(row.raw('lastContentId'))} names no content", "none")
    if content_id is None and returned_at is None:
        return {"last_content_at": None, "available_at": min(modified_at, context.now)}
    due_at = _due(context, interval_id, returned_at or modified_at)
    return {"last_content_at": returned_at or modified_at, "available_at": due_at}


def _due(context: Context, interval_id: int | None, returned_at: datetime) -> datetime | None:
    if interval_id not in context.schedules:
        return None
    expression, time_zone = context.schedules[interval_id]
    try:
        return next_due(expression, time_zone, after=returned_at)
    except errors.Invalid:
        return None


def _look_for_stale_copies(row: OddRow, context: Context) -> None:
    stale, orphaned = list[str](), list[str]()
    for column, (table, copies) in COPIES.items():
        filled = [copy for copy in copies if row.raw(copy) not in (None, "", "{}")]
        original = context.references.originals[table].get(row.raw(column))
        if original is None or context.references.ids[table][row.raw(column)] is None:
            orphaned += filled
        else:
            stale += [copy for copy in filled if row.raw(copy) != original.get(copies[copy])]
    if stale:
        row.mend(f"{' and '.join(stale)} out of date", "the rows that these were copied from count")
    if orphaned:
        row.mend(f"{' and '.join(orphaned)} copied from what is not here", "not kept")


def _add_files(row: OddRow, context: Context, our_id: int, draft: Draft) -> None:
    for position, name in enumerate(row.names("files")):
        place = {"prompt_id": our_id, "position": position, "created_at": draft.columns["created_at"]}
        stored = context.uploads.find(name)
        if is_address(name):
            draft.children.append(place | {"name": name, "url": name, "media_hash": None})
        elif stored:
            safe = safe_name(name, stored.media_type)
            draft.children.append(place | {"name": safe, "url": None, "media_hash": stored.hash})
            draft.media.append(stored)
        else:
            row.set_aside(f"attachment: {context.uploads.reason(name)}")
            draft.files.set_aside += 1
    draft.files.imported = len(draft.children)
