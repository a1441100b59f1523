"""Publications: the original's pages are not ours to serve, so their names are kept as those of another's."""

from app.models import PublicationStatus
from app.transfer.original.context import Context, Draft
from app.transfer.original.values import OddRow, SetAside, shown

QUERY = """
    SELECT p.*, c.publishTime FROM gaiPublish p
    LEFT JOIN gaiContent c ON c.id = p.contentId AND c.publishId = p.id ORDER BY p.id
"""

# What an extension published: it gave its own number, and there is no row of gaiPublish for it.
BY_EXTENSIONS_QUERY = """
    SELECT c.* FROM gaiContent c
    WHERE c.publishId IS NOT NULL AND c.publishId NOT IN ('', 0)
    AND NOT EXISTS (SELECT 1 FROM gaiPublish p WHERE p.id = c.publishId AND p.contentId = c.id) ORDER BY c.id
"""


def publication(row: OddRow, context: Context, _our_id: int) -> Draft:
    created_at = row.needed_instant("created")
    return Draft(
        {
            "content_id": _content_id(row, context, "contentId"),
            "dir_id": _site(row, context),
            "topic_id": context.references.resolve(row, "refTopicId", "gaiTopic"),
            "status": PublicationStatus.REPLACED,
            "external_id": row.text("filename"),
            "created_at": created_at,
            "published_at": created_at,
            "modified_at": row.instant("publishTime") or created_at,
        }
    )


def publication_by_extension(row: OddRow, context: Context, _our_id: int) -> Draft:
    published_at = row.instant("publishTime") or row.instant("created") or context.now
    row.note(
        f"publishId {shown(row.raw('publishId'))} is no row of gaiPublish", "kept as an extension's publication"
    )
    return Draft(
        {
            "content_id": _content_id(row, context, "id"),
            "dir_id": None,
            "topic_id": None,
            "status": PublicationStatus.REPLACED,
            "external_id": row.text("publishFileName") or str(row.raw("publishId")),
            "created_at": published_at,
            "published_at": published_at,
            "modified_at": published_at,
        }
    )


def _content_id(row: OddRow, context: Context, column: str) -> int:
    value = row.raw(column)
    ours = context.references.ids["gaiContent"].get(value)
    if ours is None:
        raise SetAside(f"its content {shown(value)} is not here")
    return ours


def _site(row: OddRow, context: Context) -> int | None:
    path = row.text("refPath")
    site = context.sites.get(path.rstrip("/"))
    if site is None:
        row.mend(f"refPath {shown(path)} is the folder of no directory here", "linked to no directory")
    return site
