"""The types of published files: the same on every system, and the same that nginx sends (deploy/nginx)."""

from pathlib import PurePosixPath

UNKNOWN = "application/octet-stream"

# By the whole name: what these hold, their ending does not tell.
BY_NAME = {
    "feed.xml": "application/atom+xml; charset=utf-8",
    "feed.json": "application/feed+json",
}

BY_ENDING = {
    "html": "text/html",
    "htm": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "xml": "application/xml",
    "json": "application/json",
    "map": "application/json",
    "webmanifest": "application/manifest+json",
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "ico": "image/vnd.microsoft.icon",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "wav": "audio/x-wav",
    "aac": "audio/aac",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "ogv": "video/ogg",
    "mov": "video/quicktime",
    "vtt": "text/vtt",
    "woff": "font/woff",
    "woff2": "font/woff2",
}


def media_type_of(path: str) -> str:
    """As any web server in front would tell it, with the character set of texts."""
    file = PurePosixPath(path)
    if file.name in BY_NAME:
        return BY_NAME[file.name]
    media_type = BY_ENDING.get(file.suffix.removeprefix(".").lower(), UNKNOWN)
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
