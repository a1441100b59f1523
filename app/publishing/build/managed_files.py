"""Whose the files of a site are: made here from the database, or put there by its owner."""

import re
from collections.abc import Set as AbstractSet

import obstore

from app.core import storage
from app.publishing.build.writer import Editor
from app.publishing.model import File

_OLD_ASSET = re.compile(r"assets/[^/]+\.[0-9a-f]{10}\.(css|js|svg|woff2?|ico|png|jpe?g|gif|webp|avif)")


async def list_ours(editor: Editor, made: AbstractSet[str]) -> list[str]:
    """What is made of the database, and what earlier looks of the site have left."""
    press = editor.press
    if press.has_lists:
        return [path for path in await _files(editor) if path in made or _OLD_ASSET.fullmatch(path)]
    ours = set(made)
    for dressing in await editor.render(press.dress):
        # A configuration that its owner has changed is the owner's.
        if isinstance(dressing, File) and await storage.read(editor.store, dressing.path) == dressing.body:
            ours.add(dressing.path)
    return sorted(ours)


async def list_foreign(editor: Editor, expected: AbstractSet[str]) -> list[str]:
    """Files that nothing of the site accounts for. Among Markdown files, those of the owner are not known."""
    if not editor.press.has_lists:
        return []
    # What an earlier look of the site needed: browsers may have pages that still ask for it.
    return [path for path in await _files(editor) if path not in expected and not _OLD_ASSET.fullmatch(path)]


async def _files(editor: Editor) -> list[str]:
    found: list[str] = []
    async for batch in obstore.list(editor.store, chunk_size=1000):
        found += [meta["path"] for meta in batch]
    return found
