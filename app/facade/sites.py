"""Sites as operators keep them: settings, rebuilds, checks, removal."""

from collections.abc import Callable
from typing import Any

from app.access.caller import Caller
from app.audit.service import Change, difference, present, record
from app.core import errors
from app.core.postgres import named_rows
from app.facade.base import Facade
from app.models import Directory
from app.publishing.build.rebuild import Rebuilding, Survey
from app.publishing.closing import Closing
from app.publishing.pages.theme import list_themes
from app.sites import service
from app.sites.location import location_of, site_url
from schemas.site import (
    EditedSite,
    Files,
    RemovedSite,
    SiteChanges,
    SiteDetails,
    SiteDraft,
    SiteReport,
    SiteSummary,
)

# Told from time to time how many parts of all parts are done.
Progress = Callable[[int, int], None]


def _ignore(_done: int, _of: int) -> None:
    """Nobody watches."""


class Sites(Facade):
    """Websites that contents are published to.

    A site is found by its name or number; a rebuild and a check, which work on files, take its name alone.
    """

    async def list_sites(self, caller: Caller) -> list[SiteSummary]:
        """Every site, the oldest first. Raises Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            return [_summary(row) for row in await named_rows.list_all(session, Directory)]

    async def read_site(self, caller: Caller, site: str) -> SiteDetails:
        """A site, where it is kept and its address. Raises NotFound, Forbidden, Invalid for a bad place."""
        caller.require_admin()
        async with self._database.session() as session:
            row = await named_rows.get(session, Directory, site)
        places = {"location": location_of(self._settings, row), "url": site_url(self._settings, row)}
        return SiteDetails(**row.model_dump(), **places)

    async def add_site(self, caller: Caller, draft: SiteDraft) -> SiteSummary:
        """Add a site, whose pages are made by the next free worker. Raises Forbidden, Invalid, Conflict."""
        caller.require_admin()
        self._check_theme(draft.theme, is_given="theme" in draft.model_fields_set)
        row = Directory(**draft.model_dump() | {"path": draft.path or draft.name})
        async with self._database.session() as session:
            row = await service.add(session, self._settings, row)
            await record(session, _change(caller, "add", row, {}, present(_columns(row))))
            return _summary(row)

    async def edit_site(self, caller: Caller, site: str, changes: SiteChanges) -> EditedSite:
        """Change a site, whose pages follow by the next free worker.

        Raises NotFound, Forbidden, Invalid, Conflict.
        """
        caller.require_admin()
        self._check_theme(changes.theme, is_given=changes.theme is not None)
        async with self._database.session() as session:
            row = await named_rows.lock(session, Directory, site)
            before, place = _columns(row), self._place(row)
            row = await service.edit(session, self._settings, row, changes.given)
            was, now = difference(before, _columns(row))
            if now:
                await record(session, _change(caller, "edit", row, was, now))
            left = place if place != self._place(row) else None
            return EditedSite(site=_summary(row), is_changed=bool(now), left=left)

    async def remove_site(
        self, caller: Caller, site: str, *, files: Files = Files.ASKED, progress: Progress = _ignore
    ) -> RemovedSite:
        """Remove a site, and its files when they are to be `deleted`.

        Raises NotFound, Forbidden, and Conflict while articles are live and nobody has said what becomes of them.
        """
        caller.require_admin()
        async with self._database.session() as session:
            row = await named_rows.get(session, Directory, site)
        change = _change(caller, "remove", row, present(_columns(row)), {"files": files})
        closed = await Closing(self._parts.publisher.workshop, row).close(progress, files=files, change=change)
        return RemovedSite(
            id=row.id,
            name=row.name,
            location=closed.location,
            articles=closed.articles,
            deleted=closed.deleted,
        )

    async def rebuild_site(
        self, caller: Caller, site: str, *, workers: int | None = None, progress: Progress = _ignore
    ) -> SiteReport:
        """Write every file of a site again; a rebuild that was interrupted goes on where it was.

        Raises NotFound, Forbidden.
        """
        caller.require_admin()
        row = await service.get_by_name(self._database, site)
        survey = await self._rebuilding(row, workers).rebuild(progress)
        await self._record_work(_change(caller, "rebuild", row, {}, {"files": survey.files}))
        return _report(survey)

    async def check_site(
        self,
        caller: Caller,
        site: str,
        *,
        repairs: bool,
        deletes_foreign: bool = False,
        workers: int | None = None,
        progress: Progress = _ignore,
    ) -> SiteReport:
        """Compare every file with what it should be; `repairs` writes what is not, and may delete foreign files.

        Raises NotFound, Forbidden.
        """
        caller.require_admin()
        row = await service.get_by_name(self._database, site)
        rebuilding = self._rebuilding(row, workers)
        survey = await rebuilding.check(progress, mend=repairs)
        deleted = survey.foreign if repairs and deletes_foreign else []
        if deleted:
            await rebuilding.delete(deleted)
        counts = {"missing": len(survey.missing), "stale": len(survey.stale), "deleted": len(deleted)}
        if repairs and any(counts.values()):
            await self._record_work(_change(caller, "repair", row, {}, counts))
        return _report(survey)

    def _rebuilding(self, row: Directory, workers: int | None) -> Rebuilding:
        return Rebuilding(self._parts.publisher.workshop, row, workers=workers)

    async def _record_work(self, change: Change) -> None:
        """Files are no part of a transaction: what was done to them is told when it is done."""
        async with self._database.session() as session:
            await record(session, change)

    def _check_theme(self, theme: str | None, *, is_given: bool) -> None:
        known = list_themes(self._settings.themes_folder) if is_given else []
        if is_given and theme not in known:
            raise errors.Invalid({"theme": f"there is no theme {theme!r}; there are: {', '.join(known)}"})

    def _place(self, row: Directory) -> str | None:
        """None for a place that is not allowed any more."""
        try:
            return location_of(self._settings, row)
        except errors.Invalid:
            return None


def _change(caller: Caller, verb: str, row: Directory, before: dict[str, Any], after: dict[str, Any]) -> Change:
    return Change(caller.username, f"directory.{verb}", f"directory {row.id}", before, after)


def _columns(row: Directory) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SiteDraft.model_fields}


def _summary(row: Directory) -> SiteSummary:
    return SiteSummary.model_validate(row.model_dump())


def _report(survey: Survey) -> SiteReport:
    return SiteReport(files=survey.files, missing=survey.missing, stale=survey.stale, foreign=survey.foreign)
