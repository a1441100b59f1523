"""Pictures from elsewhere that a text shows: fetched once, kept in the library, served from the site.

A reader's browser asks no other host for anything. What cannot be had is tried again later, at a publication.
"""

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import anyio
import anyio.to_thread
import structlog

from app.core import errors
from app.core.postgres.database import Database
from app.media import queries as media_queries
from app.media.errors import FetchError, FetchRefused
from app.media.fetching import Fetcher
from app.media.library import MediaLibrary, StoredFile, examine
from app.media.names import safe_name
from app.publishing.images import queries

log = structlog.get_logger(__name__)

LONGEST_SECONDS = 8.0
MOST_PICTURES = 20
PAUSE = timedelta(hours=1)
LONGEST_ADDRESS = 2000
# More would be a burden on every reader's browser.
MOST_PIXELS = 100_000_000


@dataclass(frozen=True)
class _Outcome:
    """What became of an address: a file and its name, or the reason why there is none."""

    source: str
    stored: StoredFile | None = None
    name: str | None = None
    reason: str | None = None


async def fetch_remote_pictures(
    database: Database,
    fetcher: Fetcher,
    library: MediaLibrary,
    content_id: int,
    addresses: Sequence[str],
    *,
    longest_seconds: float = LONGEST_SECONDS,
) -> None:
    """Fetch the pictures that are due, side by side, and put on record what became of each.

    Nothing that an address leads to makes it raise. Addresses beyond MOST_PICTURES wait for the next publication.
    """
    asked = {digest_of(address): address for address in addresses if _is_storable(address)}
    if not asked:
        return
    async with database.session() as session:
        settled = await queries.list_settled_digests(session, content_id, pause=PAUSE)
    due = [digest for digest in asked if digest not in settled][:MOST_PICTURES]
    if not due:
        return
    outcomes = await _fetch_all(fetcher, library, {digest: asked[digest] for digest in due}, longest_seconds)
    # A content that was deleted meanwhile needs no pictures.
    with contextlib.suppress(errors.Conflict):
        await _record(database, content_id, outcomes)


def digest_of(address: str) -> bytes:
    return hashlib.sha256(address.encode()).digest()


def _is_storable(address: str) -> bool:
    # The database takes no NUL and no halves of characters, and no server has such an address.
    return 0 < len(address) <= LONGEST_ADDRESS and address.isprintable()


async def _fetch_all(
    fetcher: Fetcher, library: MediaLibrary, addresses: Mapping[bytes, str], longest_seconds: float
) -> list[_Outcome]:
    late = f"it took longer than {longest_seconds:g} seconds"
    outcomes = {digest: _Outcome(address, reason=late) for digest, address in addresses.items()}

    async def fetch(digest: bytes, address: str) -> None:
        outcomes[digest] = await _fetch(fetcher, library, address)

    with anyio.move_on_after(longest_seconds):
        async with anyio.create_task_group() as group:
            for digest, address in addresses.items():
                group.start_soon(fetch, digest, address)
    return list(outcomes.values())


async def _fetch(fetcher: Fetcher, library: MediaLibrary, address: str) -> _Outcome:
    try:
        return await _kept(fetcher, library, address)
    except FetchError as failed:
        return _Outcome(address, reason=failed.reason)
    except Exception as raised:
        log.exception("remote picture not kept", address=address)
        return _Outcome(address, reason=f"it could not be kept on this side ({type(raised).__name__})")


async def _kept(fetcher: Fetcher, library: MediaLibrary, address: str) -> _Outcome:
    fetched = await fetcher.fetch(f"https:{address}" if address.startswith("//") else address)
    try:
        found = await anyio.to_thread.run_sync(examine, fetched.path, fetched.sha256)
        _refuse_unless_shown(found)
        stored = await library.keep(fetched.path, sha256=fetched.sha256)
    finally:
        fetched.discard()
    return _Outcome(address, stored, safe_name(fetched.name, stored.media_type))


def _refuse_unless_shown(found: StoredFile) -> None:
    if found.width is None or found.height is None:
        raise FetchRefused("it is not a picture that browsers show")
    if found.width * found.height > MOST_PIXELS:
        raise FetchRefused(f"it has {found.width} x {found.height} pixels, which is too many")


async def _record(database: Database, content_id: int, outcomes: Sequence[_Outcome]) -> None:
    files = {outcome.stored.hash: outcome.stored for outcome in outcomes if outcome.stored}
    async with database.session() as session:
        # In one order everywhere, or two processes could wait for each other.
        for _, stored in sorted(files.items()):
            await media_queries.record(session, stored)
        await queries.record_pictures(session, [_row(content_id, outcome) for outcome in outcomes])


def _row(content_id: int, outcome: _Outcome) -> dict[str, Any]:
    return {
        "content_id": content_id,
        "source_digest": digest_of(outcome.source),
        "source": outcome.source,
        "name": outcome.name,
        "media_hash": outcome.stored.hash if outcome.stored else None,
        "reason": outcome.reason,
    }
