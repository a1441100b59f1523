"""The work that follows a change of a site."""

from app.jobs.kinds import JobKind, Slots

REBUILD_SITE = JobKind("rebuild_site", Slots(total=6, per_owner=6, per_host=6), rank=40)
