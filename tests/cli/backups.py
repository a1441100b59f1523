"""Backups to restore: of an installation with a little of everything, and changed ones."""

import hashlib
import io
import json
import tarfile

from app import demo
from app.media import queries as media_queries
from app.models import ContentFile, FileStatus
from app.transfer.backup import restoring, saving
from tests.builders import a_content, a_prompt, a_site, a_user, saved
from tests.cli.installations import installation

PICTURE = demo.rain_on_a_window(width=40, height=30)
HASH = hashlib.sha256(PICTURE).hexdigest()
SECRET = "x" * 64


async def an_installation(database, folder):
    """With its signing secret in its folder."""
    here = installation(database, folder)
    stored = await here.library.keep(PICTURE)
    async with database.session() as session:
        await media_queries.record(session, stored)
    site = await a_site(database)
    prompt = await a_prompt(database, dir_id=site.id, text="Ünïcode 😀\r\n'")
    content = await a_content(database, prompt_id=prompt.id)
    await saved(
        database,
        ContentFile(content_id=content.id, position=0, source="x", status=FileStatus.STORED, media_hash=HASH),
    )
    await a_user(database, email="reader@example.com")
    (here.settings.data_dir / "secret.key").write_text(SECRET)
    return here


async def backed_up(here, path):
    await saving.save(here.database, here.settings, here.library, path=path)
    # What was left open would count as a service that runs.
    await here.database.engine.dispose()
    return path


async def restored(there, path, **options):
    return await restoring.restore(there.database, there.settings, there.library, path=path, **options)


def rewritten(path, change):
    """The archive again, with its members as `change` makes them."""
    with tarfile.open(path) as opened:
        members = {member.name: opened.extractfile(member).read() for member in opened.getmembers()}
    change(members)
    with tarfile.open(path, "w:gz") as target:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            target.addfile(member, io.BytesIO(content))
    return path


def with_dump(path, change):
    """The archive with another dump, which its manifest knows."""

    def exchange(members):
        members["database.dump"] = change(members["database.dump"])
        manifest = json.loads(members["manifest.json"])
        manifest["members"]["database.dump"] = hashlib.sha256(members["database.dump"]).hexdigest()
        members["manifest.json"] = json.dumps(manifest).encode()

    return rewritten(path, exchange)
