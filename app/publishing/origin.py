"""What a page is made from, as read from the database."""

from dataclasses import dataclass

from app.models import Content, ContentFile, Directory, Media, Prompt, Topic
from app.publishing.rendering import Article, Attachment, Picture


@dataclass(frozen=True, slots=True)
class Origin:
    """A content with all that its page shows."""

    content: Content
    prompt: Prompt | None
    topic: Topic | None
    directory: Directory
    files: list[tuple[ContentFile, Media]]

    @property
    def topic_name(self) -> str | None:
        return self.topic.name if self.topic else None

    def article(self, filename: str | None) -> Article:
        return Article(
            content_id=self.content.id,
            text=self.content.text,
            created_at=self.content.created_at,
            topic=self.topic_name,
            filename=filename,
            pictures=self.pictures,
            files=tuple(
                Attachment(file.name or media.hash, site_path(file), media.media_type, source=file.source)
                for file, media in self.files
                if not is_picture(media)
            ),
        )

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(
            Picture(site_path(file), media.width, media.height, source=file.source)
            for file, media in self.files
            if is_picture(media)
        )


def is_picture(media: Media) -> bool:
    """What browsers show as one; its size was read when it was stored."""
    return media.media_type.startswith("image/") and media.width is not None


def site_path(file: ContentFile) -> str:
    """Where a site keeps its own copy of a file."""
    return f"media/{(file.media_hash or '')[:16]}/{file.name}"
