"""`pygai backup` and `pygai restore`: a whole installation in one file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import AsJson

if TYPE_CHECKING:
    from app.runtime import Runtime
    from app.transfer.backup.archive import Manifest
    from app.transfer.backup.restoring import Restored


def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to, such as pygai.tar.gz.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the database, the files and the signing secret to one file, also while the service runs.

    Keep it as safe as the secret in it. Sites are not in it: `pygai publish --all --rewrite` makes them anew.

    Examples:

    - `pygai backup pygai.tar.gz`
    - `pygai backup "pygai-$(date +%F).tar.gz" --json`
    """
    from app.cli.output import print_row, warn
    from app.cli.progress import ProgressBar
    from app.cli.running import run
    from app.transfer.backup import saving

    if file.exists() and not force:
        raise typer.BadParameter(f"{file} is there already; --force writes over it")
    if not file.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {file.parent}")

    async def work(runtime: "Runtime") -> "Manifest":
        return await saving.save(runtime.database, runtime.settings, runtime.library, path=file, progress=bar)

    with ProgressBar() as bar:
        manifest = run(work)
    print_row({"file": str(file), **saving.summary(manifest)}, as_json=as_json)
    if manifest.missing_media:
        warn(f"{len(manifest.missing_media)} files are on record but not in the library.")


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A backup.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of an installation that is not empty.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back, with the service stopped. The file is checked first; what is here goes only then.

    Rows, files and the signing secret come back; nothing that a backup says is run.

    Afterwards, `pygai publish --all --rewrite` makes the pages anew.

    Examples:

    - `pygai restore pygai.tar.gz`
    - `pygai restore pygai.tar.gz --replace`
    """
    from app.cli.output import print_row, warn
    from app.cli.progress import ProgressBar
    from app.cli.running import run
    from app.transfer.backup import restoring, saving

    async def work(runtime: "Runtime") -> "Restored":
        return await restoring.restore(
            runtime.database, runtime.settings, runtime.library, path=file, replaces=replace, progress=bar
        )

    with ProgressBar() as bar:
        restored = run(work)
    print_row({"file": str(file), **saving.summary(restored.manifest)}, as_json=as_json)
    if restored.left_out:
        warn(f"Tables that are not PyGai's were left out: {', '.join(restored.left_out)}.")
