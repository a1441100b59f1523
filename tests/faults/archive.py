"""A site of many articles whose rows are there at once, as publications would have left them."""

from app.core.postgres.database import Database
from app.core.settings import Settings
from app.models import Directory
from app.publishing.build.rebuild import Rebuilding, Survey
from app.runtime import open_runtime
from app.sites.service import get_by_name
from tests.builders import a_prompt, a_site, a_topic
from tests.faults.processes import Service

SITE = "Site"

# The oldest first; all of one year, so that every list of the site has all of them.
ARTICLES = r"""
WITH content AS (
    INSERT INTO gai_content (prompt_id, external_id, hist_prompt_id, hist_id, cron_id, text, created_at)
    SELECT $1::bigint, '', '', '', '', format(E'# Story %s\n\nIt rains on day %s.', n, n),
           '2026-01-05T00:00Z'::timestamptz + n * interval '1 minute'
    FROM generate_series(1, $2::int) AS n
    RETURNING id, text, created_at
), page AS (
    INSERT INTO gai_page (dir_id, topic_id, path, content_id, status, title, excerpt, dated_at)
    SELECT $3::bigint, $4::bigint, format('2026/01/story-%s/index.html', id), id, 'live',
           substr(split_part(text, E'\n', 1), 3), '', created_at
    FROM content ORDER BY id
    RETURNING id, content_id, path, dated_at
), list AS (
    INSERT INTO gai_page_list (dir_id, kind, key, slug, last_place, articles)
    SELECT $3, kind, key, slug, $2, $2
    FROM (VALUES ('site', '', ''), ('topic', $4::bigint::text, 'rain'), ('year', '2026', '2026'))
         AS kinds (kind, key, slug)
    RETURNING id
), place AS (
    INSERT INTO gai_page_place (list_id, place, page_id)
    SELECT list.id, row_number() OVER (PARTITION BY list.id ORDER BY page.id), page.id FROM list, page
)
INSERT INTO gai_publish (content_id, page_id, dir_id, status, filename, published_at)
SELECT content_id, id, $3, 'published', path, dated_at FROM page
"""


async def an_archive(database: Database, *, articles: int) -> Directory:
    """The site; its files are not made yet."""
    site, topic = await a_site(database, name=SITE, path=SITE), await a_topic(database, name="Rain")
    prompt = await a_prompt(database, dir_id=site.id, topic_id=topic.id)
    async with database.transaction() as connection:
        await connection.execute(ARTICLES, prompt.id, articles, site.id, topic.id)
    return site


async def survey(service: Service, dsn: str) -> Survey:
    """Whether every file of the site is what the database says it should be."""
    settings = Settings(data_dir=service.data_dir, database_url=dsn, public_url=service.url)
    async with open_runtime(settings) as runtime:
        site = await get_by_name(runtime.database, SITE)
        rebuilding = Rebuilding(runtime.workshop, site, workers=1)
        return await rebuilding.check(lambda _done, _of: None, mend=False)
