"""Serving stored objects over HTTP: whole, in part, or not again (RFC 9110)."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import obstore
from obstore.exceptions import GenericError, InvalidPathError
from obstore.store import LocalStore, ObjectStore
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.core.http import jsend
from app.media.errors import nothing_here

if TYPE_CHECKING:
    from obstore import GetResult, ObjectMeta

CHUNK_BYTES = 256 * 1024

_RANGE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.IGNORECASE | re.ASCII)
_ETAGS = re.compile(r'(?:W/)?("[^"]*")')
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]|[\"\\%]")


async def serve(
    store: ObjectStore,
    key: str,
    request: Request,
    *,
    media_type: str,
    filename: str | None = None,
    inline: bool = True,
    cache_control: str,
    extra_headers: Mapping[str, str] | None = None,
    etag: str | None = None,
) -> Response:
    """Answer a GET or HEAD with an object of a store.

    `media_type` is sent as it stands, with its charset if it has one. A quoted `etag` is for the caller that
    knows one which holds on every replica; the store's own is sent otherwise. Raises NotFound.
    """
    headers = {
        "Cache-Control": cache_control,
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        **_disposition(filename, inline=inline),
        **(extra_headers or {}),
    }
    serving = _Serving(store, key, request, media_type, headers, etag)
    with _bad_keys_not_found(store):
        return await serving.answer()


@dataclass(frozen=True)
class _Serving:
    store: ObjectStore
    key: str
    request: Request
    media_type: str
    headers: dict[str, str]
    etag: str | None

    async def answer(self) -> Response:
        if self.etag and self._is_known(self.etag):
            return self._not_modified(self.etag)
        if self.request.method == "HEAD":
            return await self._without_body()
        if "Range" in self.request.headers:
            return await self._part()
        return await self._whole()

    async def _without_body(self) -> Response:
        meta = await obstore.head_async(self.store, self.key)
        tag = self._tag_of(meta)
        if self._is_known(tag):
            return self._not_modified(tag)
        return Response(headers=self._headers_for(tag, meta["size"]))

    async def _whole(self) -> Response:
        # Opened once: what the headers say is what is sent, although a page may be replaced meanwhile.
        result = await obstore.get_async(self.store, self.key)
        tag = self._tag_of(result.meta)
        if self._is_known(tag):
            return self._not_modified(tag)
        return await _stream(result, 200, self._headers_for(tag, result.meta["size"]))

    async def _part(self) -> Response:
        meta = await obstore.head_async(self.store, self.key)
        tag = self._tag_of(meta)
        if self._is_known(tag) or self.request.headers.get("If-Range", tag) != tag:
            return await self._whole()
        wanted = _range_in(self.request.headers["Range"], meta["size"])
        if wanted is None:
            return await self._whole()
        if not wanted:
            return _unsatisfiable(meta["size"])
        result = await obstore.get_async(self.store, self.key, options={"range": (wanted.start, wanted.stop)})
        start, stop = result.range
        headers = self._headers_for(self._tag_of(result.meta), stop - start)
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{result.meta['size']}"
        return await _stream(result, 206, headers)

    def _headers_for(self, tag: str, length: int) -> dict[str, str]:
        return {
            **self.headers,
            "ETag": tag,
            "Content-Type": self.media_type,
            "Content-Length": str(length),
        }

    def _not_modified(self, tag: str) -> Response:
        return Response(status_code=304, headers={**self.headers, "ETag": tag})

    def _is_known(self, tag: str) -> bool:
        given = self.request.headers.get("If-None-Match", "")
        return given.strip() == "*" or tag.removeprefix("W/") in _ETAGS.findall(given)

    def _tag_of(self, meta: "ObjectMeta") -> str:
        tag = self.etag or meta["e_tag"] or f"{meta['last_modified'].timestamp()}-{meta['size']}"
        return tag if tag.endswith('"') else f'"{tag}"'


async def _stream(result: "GetResult", status: int, headers: Mapping[str, str]) -> Response:
    if int(headers["Content-Length"]) <= CHUNK_BYTES:
        return Response(bytes(await result.bytes_async()), status, headers)
    return StreamingResponse(_chunks(result), status, headers)


async def _chunks(result: "GetResult") -> AsyncIterator[bytes]:
    async for chunk in result.stream(min_chunk_size=CHUNK_BYTES):
        yield bytes(chunk)


@contextmanager
def _bad_keys_not_found(store: ObjectStore) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, ValueError, InvalidPathError) as raised:
        raise nothing_here() from raised
    except GenericError as raised:
        # A folder's complaint about the path itself: too long, or one that leads through a file.
        if isinstance(store, LocalStore):
            raise nothing_here() from raised
        raise


def _range_in(header: str, size: int) -> range | None:
    """The bytes asked for, an empty range when there are none such; None when the header does not count."""
    asked = _RANGE.fullmatch(header)
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)


def _unsatisfiable(size: int) -> Response:
    return jsend.fail(
        {"Range": f"there are {size} bytes"}, status=416, headers={"Content-Range": f"bytes */{size}"}
    )


def _disposition(filename: str | None, *, inline: bool) -> dict[str, str]:
    kind = "inline" if inline else "attachment"
    if filename is None:
        return {} if inline else {"Content-Disposition": kind}
    plain = _NOT_PLAIN.sub("_", filename)
    value = f'{kind}; filename="{plain}"'
    if plain != filename:
        value += f"; filename*=UTF-8''{quote(filename, safe='')}"
    return {"Content-Disposition": value}
