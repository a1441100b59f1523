"""Websites that contents are published to (gaiDirectory)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from schemas.changes import Changes

NAME = "A part of every page's address, which no other site has."
PATH = "A folder below the sites root, or an allowed folder or store elsewhere."
TEMPLATE = "What is written: `default` pages, or Markdown for `mkdocs` or `hugo`."
TITLE = "Its title; its name when there is none."
DESCRIPTION = "What it is about, in a sentence."
ABOUT = "The text of its about page, in Markdown."
LANGUAGE = "The language of its pages (BCP 47)."
BASE_URL = "Its own public address; below the address of the service when there is none."
AUTHOR = "Whose name its pages and feeds carry."
THEME = "How its pages look."
PAGE_SIZE = "Articles on a page of a list, 1 to 100."
TIME_ZONE = "The zone of its dates (IANA)."
DISCLOSES_AI = "Whether a page says that it was written with AI until a person has approved it."


class Files(StrEnum):
    """What becomes of the files of a site that is removed: `asked` leaves them if no article is among them."""

    ASKED = "asked"
    KEPT = "kept"
    DELETED = "deleted"


class SiteDraft(BaseModel):
    """A site to be added."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description=NAME)
    path: str | None = Field(None, description=f"{PATH} Its name when there is none.")
    tmpl: str = Field("default", description=TEMPLATE)
    title: str | None = Field(None, description=TITLE)
    description: str | None = Field(None, description=DESCRIPTION)
    about: str | None = Field(None, description=ABOUT)
    language: str = Field("en", description=LANGUAGE)
    base_url: str | None = Field(None, description=BASE_URL)
    author: str | None = Field(None, description=AUTHOR)
    theme: str = Field("default", description=THEME)
    page_size: int = Field(12, description=PAGE_SIZE)
    time_zone: str = Field("UTC", description=TIME_ZONE)
    discloses_ai: bool = Field(False, description=DISCLOSES_AI)


class SiteChanges(Changes):
    """What is to be different about a site."""

    clearable: ClassVar = frozenset({"title", "description", "about", "base_url", "author"})

    name: str | None = Field(None, description=NAME)
    path: str | None = Field(None, description=PATH)
    tmpl: str | None = Field(None, description=TEMPLATE)
    title: str | None = Field(None, description=TITLE)
    description: str | None = Field(None, description=DESCRIPTION)
    about: str | None = Field(None, description=ABOUT)
    language: str | None = Field(None, description=LANGUAGE)
    base_url: str | None = Field(None, description=BASE_URL)
    author: str | None = Field(None, description=AUTHOR)
    theme: str | None = Field(None, description=THEME)
    page_size: int | None = Field(None, description=PAGE_SIZE)
    time_zone: str | None = Field(None, description=TIME_ZONE)
    discloses_ai: bool | None = Field(None, description=DISCLOSES_AI)


class SiteSummary(BaseModel):
    """A site as it is set."""

    id: int = Field(description="The site's number.")
    name: str = Field(description=NAME)
    path: str = Field(description=PATH)
    tmpl: str = Field(description=TEMPLATE)
    title: str | None = Field(description=TITLE)
    description: str | None = Field(description=DESCRIPTION)
    about: str | None = Field(description=ABOUT)
    language: str = Field(description=LANGUAGE)
    base_url: str | None = Field(description=BASE_URL)
    author: str | None = Field(description=AUTHOR)
    theme: str = Field(description=THEME)
    page_size: int = Field(description=PAGE_SIZE)
    time_zone: str = Field(description=TIME_ZONE)
    discloses_ai: bool = Field(description=DISCLOSES_AI)
    rebuilt_as: str | None = Field(description="Of which look a rebuild is under way.")
    rebuilt_parts: int = Field(description="How far it has come.")
    created_at: datetime = Field(description="When it was added.")
    modified_at: datetime = Field(description="When it was last changed.")


class SiteDetails(SiteSummary):
    """A site, where it is kept and its address."""

    location: str = Field(description="The folder or the store's address.")
    url: str = Field(description="The public address of its front page.")


class EditedSite(BaseModel):
    """A site after an edit."""

    site: SiteSummary
    is_changed: bool = Field(description="Whether anything differs, so that its pages are made again.")
    left: str | None = Field(description="Where its files were kept before, when that is another place than now.")


class RemovedSite(BaseModel):
    """A site that was removed."""

    id: int = Field(description="The site's number.")
    name: str = Field(description="The site's name.")
    location: str | None = Field(description="Where it was kept; null for a place that is not allowed any more.")
    articles: int = Field(description="How many articles were live there.")
    deleted: int = Field(description="How many of its files were deleted; all others are there still.")


class SiteReport(BaseModel):
    """What a rebuild or a check of a site came to; paths are those below the site."""

    files: int = Field(description="How many files it consists of.")
    missing: list[str] = Field(description="Those that were not there.")
    stale: list[str] = Field(description="Those that were not as they should be.")
    foreign: list[str] = Field(description="Files that nothing of the site accounts for.")
