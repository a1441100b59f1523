"""A content as the outside sees it."""

from urllib.parse import quote

from app.contents.service import ContentReport
from app.core.settings import Settings
from app.models import ContentFile, Directory, PublicationStatus
from app.sites.location import site_url
from schemas.content import ContentFileState, ContentState, PublicationState


def shown(report: ContentReport, settings: Settings) -> ContentState:
    content = report.content
    return ContentState(
        id=content.id,
        promptId=content.hist_prompt_id,
        histId=content.hist_id,
        cronId=content.cron_id,
        text=content.text,
        created=content.created_at.isoformat(),
        files=[_file(file, settings) for file in report.files],
        publish=shown_publication(report, settings),
    )


def _file(file: ContentFile, settings: Settings) -> ContentFileState:
    return ContentFileState(
        source=file.source, status=file.status, reason=file.reason, url=media_url(settings, file)
    )


def media_url(settings: Settings, file: ContentFile) -> str | None:
    if file.media_hash is None:
        return None
    return f"{settings.base_url}/media/{file.media_hash}/{quote(file.name or 'file', safe='')}"


def shown_publication(report: ContentReport, settings: Settings) -> PublicationState | None:
    publication, site = report.publication, report.site
    if publication is None:
        return None
    is_live = publication.status == PublicationStatus.PUBLISHED and site is not None and publication.filename
    return PublicationState(
        id=publication.id,
        url=page_url(settings, site, publication.filename or "") if is_live and site else None,
        filename=publication.filename,
        created=publication.created_at.isoformat(),
        status=publication.status,
        reason=publication.reason,
    )


def page_url(settings: Settings, site: Directory, filename: str) -> str | None:
    """A page's public address: folders end in a slash and need no `index.html`.

    None where the page is made by somebody else's generator.
    """
    if site.tmpl != "default":
        return None
    home = site_url(settings, site)
    return home + quote(filename.removesuffix("index.html"))
