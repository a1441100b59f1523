"""The record beside each page of how it came to be. Its keys are described in `docs/provenance.md`."""

from datetime import datetime
from typing import Any

from app.publishing import addresses
from app.publishing.model import Article, File, Provenance, Site
from app.publishing.syndication.escaping import readable_json_bytes, rfc3339
from app.publishing.syndication.identity import path_of

VERSION = 1
RECORD = "provenance.json"
GENERATOR = "PyGai Connector"
# See https://cv.iptc.org/newscodes/digitalsourcetype/. An approval changes nothing: nobody edited the text.
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def provenance(site: Site, article: Article, title: str) -> File:
    """`provenance.json` beside the page. Unknown values are null, and every key is always there."""
    path = path_of(site, article, title)
    origin = article.provenance
    record = {
        "version": VERSION,
        "title": title,
        "url": addresses.site_url(site, path),
        "contentId": article.content_id,
        "digitalSourceType": DIGITAL_SOURCE_TYPE,
        "client": origin.client,
        "model": origin.model,
        "config": dict(origin.config),
        "prompt": origin.prompt,
        "instruction": origin.instruction,
        "submittedAt": _instant(site, origin.submitted_at),
        "publishedAt": _instant(site, article.published_at),
        "updatedAt": _instant(site, article.updated_at),
        "approved": _approval(site, origin),
        "generator": GENERATOR,
    }
    return File(addresses.beside(path, RECORD), readable_json_bytes(record))


def _approval(site: Site, origin: Provenance) -> dict[str, Any] | None:
    if not origin.approved_by:
        return None
    return {"by": origin.approved_by, "at": _instant(site, origin.approved_at)}


def _instant(site: Site, instant: datetime | None) -> str | None:
    return rfc3339(instant, site.time_zone) if instant else None
