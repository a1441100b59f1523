"""Files as they are written into the sites of others."""

from app.publishing.model import File
from app.publishing.text.sentences import without_control_characters

_RENDERED = (
    ".md",
    ".markdown",
    ".mdown",
    ".mkd",
    ".mkdn",
    ".html",
    ".htm",
    ".adoc",
    ".ad",
    ".org",
    ".rst",
    ".pdc",
)


def harmless_media_name(name: str) -> str:
    """A file that the site's builder would take for a page, and obey, is shown as text."""
    return f"{name}.txt" if name.lower().endswith(_RENDERED) else name


def text_file(path: str, *parts: str) -> File:
    """The parts that say something, a blank line between them."""
    text = "\n\n".join(part.strip("\n") for part in parts if part.strip())
    return File(path, f"{without_control_characters(text)}\n".encode())
