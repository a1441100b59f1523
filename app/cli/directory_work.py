"""What `pygai directory` does."""

from shlex import quote

from app.cli.output import columns_of, print_row, print_rows, say
from app.cli.progress import ProgressBar
from app.cli.running import operator, run
from app.cli.things import BY_WHOM
from app.runtime import Runtime
from schemas.site import Files, RemovedSite, SiteChanges, SiteDraft, SiteSummary

# What a table shows; JSON has everything.
COLUMNS = ("id", "name", "path", "title", "language", "tmpl", "theme")


def add(draft: SiteDraft, *, as_json: bool) -> SiteSummary:
    added = run(lambda runtime: runtime.connector.add_site(operator(), draft))
    print_row(columns_of(added), as_json=as_json)
    say(f"Added directory {added.id}, {added.name}.")
    _say_renewed(added.name, verb="made")
    return added


def print_all(*, as_json: bool) -> None:
    sites = run(lambda runtime: runtime.connector.list_sites(operator()))
    print_rows([columns_of(site) for site in sites], as_json=as_json, columns=COLUMNS)


def show(reference: str, *, as_json: bool) -> None:
    site = run(lambda runtime: runtime.connector.read_site(operator(), reference))
    print_row(columns_of(site), as_json=as_json)


def edit(reference: str, changes: SiteChanges, *, as_json: bool) -> SiteSummary:
    edited = run(lambda runtime: runtime.connector.edit_site(operator(), reference, changes))
    site = edited.site
    print_row(columns_of(site), as_json=as_json)
    say(f"Changed directory {site.id}, {site.name}.")
    if edited.is_changed:
        _say_renewed(site.name)
    if edited.left:
        say(f"What has been written so far stays in {edited.left}; nobody looks after it there any more.")
    return site


def _say_renewed(name: str, *, verb: str = "made anew") -> None:
    say(f"Its pages are {verb} {BY_WHOM}; `pygai publish --all --site {quote(name)}` does it now.")


def remove(reference: str, *, files: Files) -> None:
    async def work(runtime: Runtime) -> RemovedSite:
        with ProgressBar() as bar:
            if files == Files.DELETED:
                bar.begin(f"Looking through {reference}")
            return await runtime.connector.remove_site(operator(), reference, files=files, progress=bar.reach)

    removed = run(work)
    say(f"Removed directory {removed.id}, {removed.name}.")
    say(_said_of_files(removed, files))


def _said_of_files(removed: RemovedSite, files: Files) -> str:
    place = removed.location or "their place"
    if files == Files.DELETED:
        return f"{removed.deleted} files were deleted; what was not made here is still in {place}."
    return f"Its files stay in {place}; nobody looks after them any more."
