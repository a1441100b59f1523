from app.core.errors import NotFound


def no_content(content_id: int) -> NotFound:
    return NotFound({"id": f"there is no content {content_id}"})


def not_published(content_id: int) -> NotFound:
    return NotFound({"id": f"content {content_id} is not published"})
