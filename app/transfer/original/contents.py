"""Contents and their files."""

from app.media.names import safe_name
from app.models import FileStatus
from app.transfer.original.context import Context, Draft
from app.transfer.original.files import is_address, taken_apart
from app.transfer.original.values import OddRow, shown
from app.transfer.queries import Columns

QUERY = "SELECT * FROM gaiContent ORDER BY id"


def content(row: OddRow, context: Context, our_id: int) -> Draft:
    created_at = row.needed_instant("created")
    draft = Draft(
        {
            "prompt_id": _prompt_id(row, context),
            "external_id": "",
            "hist_prompt_id": row.text("histPromptId") or _as_given(row.raw("promptId")),
            "hist_id": row.text("histId"),
            "cron_id": row.text("histCronId"),
            "text": row.text("text"),
            "created_at": created_at,
        }
    )
    _add_files(row, context, our_id, draft)
    return draft


def _prompt_id(row: OddRow, context: Context) -> int | None:
    value, known = row.raw("promptId"), context.references.ids["gaiPrompt"]
    if value in (None, ""):
        # A prompt of the client's own; what it called it is in hist_prompt_id.
        return None
    ours = known.get(value) if isinstance(value, int) else None
    if ours is None:
        row.mend(f"promptId {shown(value)} names no prompt", "linked to none; the id stays in hist_prompt_id")
    return ours


def _as_given(prompt_id: object) -> str:
    return "" if prompt_id is None else str(prompt_id)


def _add_files(row: OddRow, context: Context, our_id: int, draft: Draft) -> None:
    shelf = context.downloads
    for entry in row.names("files"):
        names = taken_apart(entry, shelf)
        if len(names) > 1:
            row.mend(f"files holds {len(names)} names in one entry", "taken apart at the commas")
        for name in names:
            file = _file(name, context, draft)
            if file["status"] is FileStatus.FAILED:
                draft.files.mended += 1
                if shelf.is_given:
                    row.mend(f"files: {file['reason']}", "on record as failed")
            place = {"content_id": our_id, "position": len(draft.children)}
            draft.children.append(file | place | {"source": name, "created_at": draft.columns["created_at"]})
    draft.files.imported = len(draft.children)


def _file(name: str, context: Context, draft: Draft) -> Columns:
    stored = context.downloads.find(name)
    if stored is None:
        reason = (
            "an address, which the import does not fetch" if is_address(name) else context.downloads.reason(name)
        )
        return {"status": FileStatus.FAILED, "reason": reason, "attempts": 0, "name": None, "media_hash": None}
    draft.media.append(stored)
    return {
        "status": FileStatus.STORED,
        "reason": None,
        "attempts": 1,
        "name": safe_name(name, stored.media_type),
        "media_hash": stored.hash,
    }
