"""Where an article is, and which one it is for ever."""

from uuid import NAMESPACE_URL, uuid5

from app.publishing import addresses
from app.publishing.model import Article, Entry, Site
from app.publishing.syndication.escaping import local_time


def path_of(site: Site, article: Article, title: str) -> str:
    """The path of the article's page."""
    if article.path:
        return article.path
    day = local_time(article.published_at, site.time_zone).date()
    return addresses.article_path(day, title, article.content_id)


def permanent_id(site: Site, entry: Entry) -> str:
    """A URN that stays when the public address, the title or the text changes.

    RFC 4287 wants it permanent, so it cannot hold the address of the site, and unique in the world, which two
    sites of the same name are by the microsecond of their first publication.
    """
    first = local_time(entry.published_at, "UTC").isoformat()
    return uuid5(NAMESPACE_URL, f"{site.name}\n{entry.path}\n{first}".encode(errors="replace").decode()).urn
