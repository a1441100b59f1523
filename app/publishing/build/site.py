"""What a site is to those who make its pages."""

from app.core.settings import Settings
from app.models import Directory
from app.publishing.model import Site
from app.sites.location import site_url


def site_of(settings: Settings, directory: Directory) -> Site:
    """The site as its pages show it."""
    return Site(
        name=directory.name,
        title=directory.title or directory.name,
        url=site_url(settings, directory),
        description=directory.description or "",
        about=directory.about or "",
        language=directory.language,
        author=directory.author or "",
        time_zone=directory.time_zone,
        page_size=directory.page_size,
        discloses_ai=directory.discloses_ai,
    )
