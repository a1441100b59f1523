"""SQL of all pages of a site, for those who go through them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Directory, Page, PageStatus
from app.publishing.build.parts import ArticlePart, Part, ShadowPart
from app.publishing.pages.articles import RenderedArticle


async def list_page_parts(session: AsyncSession, *, dir_id: int, last: int | None) -> list[Part]:
    """What each address of a site shows, in the order in which they were given, up to a page's number."""
    query = select(col(Page.id), col(Page.status), col(Page.content_id)).where(
        col(Page.dir_id) == dir_id, col(Page.status) != PageStatus.PENDING
    )
    if last is not None:
        query = query.where(col(Page.id) <= last)
    rows = await session.execute(query.order_by(col(Page.id)))
    return [
        ArticlePart(row.id) if row.status == PageStatus.LIVE and row.content_id else ShadowPart(row.id)
        for row in rows
    ]


@dataclass(frozen=True)
class SiteState:
    """How many articles are live, and a digest of how every address stands."""

    articles: int
    digest: str | None


async def find_state(session: AsyncSession, *, dir_id: int) -> SiteState:
    query = """
SELECT count(*) FILTER (WHERE status = 'live' AND content_id IS NOT NULL),
       md5(string_agg(concat_ws(':', id, status, content_id), ',' ORDER BY id))
FROM gai_page WHERE dir_id = :dir_id"""
    row = (await session.execute(text(query), {"dir_id": dir_id})).one()
    return SiteState(*row)


async def find_last_page_id(session: AsyncSession, *, dir_id: int) -> int:
    return await session.scalar(select(func.max(col(Page.id))).where(col(Page.dir_id) == dir_id)) or 0


async def begin_progress(session: AsyncSession, *, dir_id: int, rebuilt_as: str, rebuilt_parts: int) -> None:
    """A rebuild has begun or goes on, and this is what it makes the pages from."""
    changes = {"rebuilt_as": rebuilt_as, "rebuilt_parts": rebuilt_parts}
    await session.execute(update(Directory).where(col(Directory.id) == dir_id).values(**changes))


async def record_progress(
    session: AsyncSession, *, dir_id: int, rebuilt_as: str, rebuilt_parts: int, is_done: bool = False
) -> None:
    """How far it has come; not once somebody has asked for the site to be made from the beginning."""
    is_still_wanted = (col(Directory.id) == dir_id) & (col(Directory.rebuilt_as) == rebuilt_as)
    changes = {"rebuilt_as": None if is_done else rebuilt_as, "rebuilt_parts": rebuilt_parts}
    await session.execute(update(Directory).where(is_still_wanted).values(**changes))


async def ensure_site_list(session: AsyncSession, *, dir_id: int) -> None:
    """The list of all articles, which a site has before it has an article. The site's turn is the caller's."""
    query = """
INSERT INTO gai_page_list (dir_id, kind, key, slug) VALUES (:dir_id, 'site', '', '') ON CONFLICT DO NOTHING"""
    await session.execute(text(query), {"dir_id": dir_id})


async def list_gone_topics(session: AsyncSession, *, dir_id: int) -> Sequence[str]:
    """The slugs of a site's lists whose topic was removed; their addresses stay theirs."""
    query = """
SELECT l.slug FROM gai_page_list AS l
WHERE l.dir_id = :dir_id AND l.kind = 'topic' AND NOT EXISTS (SELECT FROM gai_topic AS t WHERE t.id::text = l.key)
ORDER BY l.id"""
    return (await session.scalars(text(query), {"dir_id": dir_id})).all()


async def record_proofs(
    session: AsyncSession, *, dir_id: int, proofs: Mapping[str, tuple[RenderedArticle, str]], renderer: str
) -> None:
    """What pages say of themselves, and their digests, by path; rows that say so already are left alone."""
    query = """
UPDATE gai_page AS p SET title = n.title, excerpt = n.excerpt, minutes = n.minutes, words = n.words,
       digest = n.digest, renderer = :renderer
FROM unnest(
    CAST(:paths AS text[]), CAST(:titles AS text[]), CAST(:excerpts AS text[]), CAST(:minutes AS int[]),
    CAST(:words AS text[]), CAST(:digests AS text[])
) AS n (path, title, excerpt, minutes, words, digest)
WHERE p.dir_id = :dir_id AND p.path = n.path
  AND (p.digest, p.renderer, p.words, p.title, p.excerpt) IS DISTINCT FROM
      (n.digest, :renderer, n.words, n.title, n.excerpt)"""
    pages = list(proofs.items())
    await session.execute(
        text(query),
        {
            "dir_id": dir_id,
            "renderer": renderer,
            "paths": [path for path, _ in pages],
            "titles": [page.title for _, (page, _) in pages],
            "excerpts": [page.excerpt for _, (page, _) in pages],
            "minutes": [page.minutes for _, (page, _) in pages],
            "words": [" ".join(sorted(page.words)) for _, (page, _) in pages],
            "digests": [digest for _, (_, digest) in pages],
        },
    )
