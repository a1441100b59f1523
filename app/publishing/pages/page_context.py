"""What all pages of a site share: where they link to, and how they show times, entries and pictures."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from app.publishing import addresses
from app.publishing.model import Entry, File, Picture, Site, TopicLink
from app.publishing.pages.interface_words import Words
from app.publishing.pages.theme import Theme, tone
from app.publishing.pages.views import ShownEntry, ShownPicture, ShownTopic, shown_picture
from app.publishing.syndication.escaping import local_time

ABOUT = "about/index.html"
ARCHIVE = "archive/index.html"
SEARCH = "search/index.html"

_POLICY = "default-src 'none'; img-src 'self'; style-src 'self'; media-src 'self'; base-uri 'none'; "
# Without scripts only the tools of a browser connect: Lighthouse reads `robots.txt` that way.
STRICT_POLICY = f"{_POLICY}form-action 'none'; connect-src 'self'"
SEARCH_POLICY = f"{_POLICY}form-action 'self'; script-src 'self'; connect-src 'self'"


@dataclass(frozen=True)
class Frame:
    """One page of a site before it has anything to say."""

    site: Site
    theme: Theme
    path: str
    # The page is shown at any depth, so that relative links would lead nowhere.
    is_anywhere: bool = False

    def url(self, path: str) -> str:
        """The address of another page or file as this page writes it."""
        if self.is_anywhere:
            return addresses.root_relative_url(self.site, path)
        return addresses.relative_url(self.path, path)

    def asset(self, name: str) -> str:
        """The address of an asset by its plain name. Raises KeyError."""
        return self.url(self.theme.assets[name].path)

    @cached_property
    def words(self) -> Words:
        return self.theme.words(self.site.language)

    @property
    def canonical(self) -> str:
        return addresses.site_url(self.site, self.path)

    def moment(self, instant: datetime) -> datetime:
        """The instant on the clock of the site."""
        return local_time(instant, self.site.time_zone)

    def topic(self, topic: TopicLink | None) -> ShownTopic | None:
        if topic is None:
            return None
        return ShownTopic(topic.name, self.url(f"topics/{topic.slug}/index.html"), tone(topic.name))

    def picture(self, picture: Picture, alt: str = "") -> ShownPicture:
        return shown_picture(picture, self.url, alt)

    def entry(self, entry: Entry) -> ShownEntry:
        return ShownEntry(
            title=entry.title,
            url=self.url(entry.path),
            published_at=self.moment(entry.published_at),
            updated_at=self.moment(entry.updated_at) if entry.updated_at else None,
            excerpt=entry.excerpt,
            minutes=entry.minutes,
            topic=self.topic(entry.topic),
            tone=tone(entry.topic.name) if entry.topic else 0,
            # The title stands beside it and says more than the alternative text could.
            picture=self.picture(entry.picture) if entry.picture else None,
        )

    def share_picture(self, picture: Picture | None, alt: str) -> ShownPicture | None:
        """For other sites that show a card of this page, so with an absolute address."""
        if picture is None:
            return None
        return shown_picture(picture, partial(addresses.site_url, self.site), picture.alt or alt)

    def render(self, template: str, context: dict[str, Any]) -> bytes:
        """Raises ThemeBroken."""
        return self.theme.render(template, self._common() | context)

    def file(self, template: str, context: dict[str, Any]) -> File:
        """Raises ThemeBroken."""
        return File(self.path, self.render(template, context))

    def _common(self) -> dict[str, Any]:
        site = self.site
        return {
            "site": site,
            "words": self.words,
            "path": self.path,
            "asset": self.asset,
            "description": site.description,
            "canonical": None,
            "policy": STRICT_POLICY,
            "tone": 0,
            "home": self.url(addresses.INDEX),
            "archive": self.url(ARCHIVE),
            "about": self.url(ABOUT) if site.about or site.description else None,
            "search": self.url(SEARCH),
            "feeds": [self.feed("", site.title)],
            "share_picture": None,
        }

    def feed(self, folder: str, title: str) -> dict[str, str]:
        return {"title": title, "atom": self.url(f"{folder}feed.xml"), "json": self.url(f"{folder}feed.json")}
