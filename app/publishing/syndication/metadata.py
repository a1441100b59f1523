"""What a page says about itself to machines: a schema.org `BlogPosting` as JSON-LD."""

import json
from typing import Any

from app.publishing import addresses
from app.publishing.model import Article, Site
from app.publishing.syndication.escaping import legal, one_line, rfc3339, shortened
from app.publishing.syndication.identity import path_of

LONGEST_HEADLINE = 110
MADE_BY_A_MODEL = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"

# Each of them can end the script, open another, or end a line for an old parser.
_UNSAFE = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def json_ld(site: Site, article: Article, title: str, excerpt: str, picture_url: str | None) -> str:
    """Safe, as it is, inside `<script type="application/ld+json">`."""
    posting = _posting(site, article, title) | {
        "description": one_line(excerpt),
        "image": [picture_url] if picture_url else [],
        "articleSection": article.topic.name if article.topic else "",
    }
    known = {key: value for key, value in posting.items() if value}
    return legal(json.dumps(known, ensure_ascii=False, separators=(",", ":"))).translate(_UNSAFE)


def _posting(site: Site, article: Article, title: str) -> dict[str, Any]:
    url = addresses.site_url(site, path_of(site, article, title))
    return {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "@id": url,
        "mainEntityOfPage": {"@type": "WebPage", "@id": url},
        "url": url,
        "headline": shortened(one_line(title), LONGEST_HEADLINE),
        "datePublished": rfc3339(article.published_at, site.time_zone),
        "dateModified": rfc3339(article.updated_at or article.published_at, site.time_zone),
        "inLanguage": site.language,
        "author": _author(site),
        "publisher": _publisher(site),
        "isPartOf": {"@type": "Blog", "@id": addresses.site_url(site), "name": one_line(site.title)},
        "digitalSourceType": MADE_BY_A_MODEL,
    }


def _author(site: Site) -> dict[str, str]:
    if not site.author:
        return _publisher(site)
    about = addresses.site_url(site, "about/index.html")
    return {"@type": "Person", "name": one_line(site.author), "url": about}


def _publisher(site: Site) -> dict[str, str]:
    return {"@type": "Organization", "name": one_line(site.title), "url": addresses.site_url(site)}
