"""Finding rows again: in this installation, or where an earlier import put them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from app.models import Content, Prompt
from app.transfer import queries
from app.transfer.rows.batch import Identity, mark_of
from app.transfer.rows.kinds import RowKind

MODELS: dict[RowKind, type[SQLModel]] = {RowKind.PROMPTS: Prompt, RowKind.CONTENTS: Content}


async def find_rows(
    session: AsyncSession, kind: RowKind, identities: Sequence[Identity | None]
) -> dict[Identity, int]:
    """Our ids of those that are here: the very row, or the one it became when it was imported."""
    wanted = [known for known in set(identities) if known is not None]
    created = await queries.list_created(session, MODELS[kind], [id_ for id_, _ in wanted])
    found = {known: known[0] for known in wanted if created.get(known[0]) == known[1]}
    others = {mark_of(kind, known): known for known in wanted if known not in found}
    by_mark = await find_marks(session, kind, list(others))
    return found | {others[mark]: id_ for mark, id_ in by_mark.items()}


async def find_marks(session: AsyncSession, kind: RowKind, marks: Sequence[bytes]) -> dict[bytes, int]:
    """What earlier imports made of lines, as far as it is still here."""
    origins = await queries.find_origins(session, marks)
    present = await queries.list_present(session, MODELS[kind], list(origins.values()))
    return {mark: id_ for mark, id_ in origins.items() if id_ in present}
