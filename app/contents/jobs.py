"""The work that follows a result: fetching its files, and making its page."""

from app.jobs.kinds import JobKind, Slots

PUBLISH_CONTENT = JobKind("publish_content", Slots(total=20, per_owner=10, per_host=20), rank=10)
FETCH_FILE = JobKind("fetch_file", Slots(total=24, per_owner=8, per_host=16), rank=20)
REFRESH_PAGE = JobKind("mend_page", Slots(total=8, per_owner=8, per_host=8), rank=30)
