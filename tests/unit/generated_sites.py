"""Sites of others, written by our generators and built by their own programs."""

import os
import re
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from xml.etree.ElementTree import Element

import html5lib

from app import demo
from app.publishing.exporters import hugo, mkdocs
from app.publishing.model import Article, Attachment, File, Picture, ShownPrompt, Site, TopicLink

PROGRAMS = Path(sysconfig.get_path("scripts"))
PICTURE = demo.rain_on_a_window(width=40, height=30)
DIGEST = "0123456789abcdef" * 4
FIRST_DAY = datetime(2024, 1, 1, 20, 24, tzinfo=UTC)
HTML = "{http://www.w3.org/1999/xhtml}"

SITE = Site(
    "mysite",
    'Slow "Weather" & <Rain>',
    url="https://site.example/",
    description='Rain, "seen"',
    language="en",
    time_zone="Asia/Shanghai",
    page_size=100,
)


@dataclass(frozen=True)
class Text:
    """What an article of a test says. `picture` and `file` are the addresses its text may ask for."""

    title: str
    text: str
    excerpt: str = "What it is about"
    topic: str = "Gardens"
    prompt: str | None = None
    picture: str | None = None
    file: str | None = None
    updated_at: datetime | None = None


def path_of(generator: ModuleType, number: int, text: Text) -> str:
    day = FIRST_DAY + timedelta(days=number)
    if generator is hugo:
        return hugo.article_path(title=text.title, content_id=number, dated_at=day)
    return mkdocs.article_path(topic_id=1, prompt_id=2, content_id=number, dated_at=day)


def article_of(generator: ModuleType, number: int, text: Text) -> Article:
    path = path_of(generator, number, text)
    shown = generator.media_path(path, DIGEST, "rain (1).png")
    file = generator.media_path(path, DIGEST, "notes.md")
    return Article(
        number,
        text.text,
        FIRST_DAY + timedelta(days=number),
        path=path,
        updated_at=text.updated_at,
        topic=TopicLink(text.topic, "topic") if text.topic else None,
        pictures=(Picture(shown, 40, 30, "Rain", text.picture),) if text.picture else (),
        files=(Attachment("notes.md", file, "text/plain", text.file),) if text.file else (),
        prompt=ShownPrompt(text.prompt) if text.prompt is not None else None,
    )


def article_file(generator: ModuleType, text: Text, number: int = 1, site: Site = SITE) -> str:
    """The Markdown of one article."""
    article = article_of(generator, number, text)
    (file,) = generator.article_files(site, article, title=text.title, excerpt=text.excerpt)
    return str(file.body.decode())


def write_site(root: Path, generator: ModuleType, texts: Sequence[Text]) -> Path:
    for file in generator.site_files(SITE):
        write(root, file)
    for number, text in enumerate(texts, 1):
        article = article_of(generator, number, text)
        for file in generator.article_files(SITE, article, title=text.title, excerpt=text.excerpt):
            write(root, file)
        for stored in (*article.pictures, *article.files):
            write(
                root, File(stored.path, PICTURE if stored.path.endswith("png") else b"<script>alert(1)</script>")
            )
    return root


def write(root: Path, file: File) -> None:
    path = root / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.body)


def build(root: Path, *command: str, output: str) -> Path:
    """Raises when the program finds anything wrong. It has no way to any other host."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = {**os.environ, **nowhere, "NO_MKDOCS_2_WARNING": "1"}
    program, *arguments = command
    done = subprocess.run(
        [PROGRAMS / program, *arguments], cwd=root, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search(r"^(WARN|ERROR)", done.stdout + done.stderr, re.MULTILINE), done.stdout + done.stderr
    return root / output


def page_path(output: Path, number: int) -> Path:
    """The page of the article of that number, however the program calls it."""
    patterns = (
        f"*/*/*/1-2-{number}-*/index.html",
        f"blog/1-2-{number}-*/index.html",
        f"posts/*-{number}/index.html",
    )
    (path,) = [found for pattern in patterns for found in output.glob(pattern)]
    return path


def page_of(output: Path, number: int) -> Element:
    return parsed(page_path(output, number))


def pages(output: Path) -> Iterator[tuple[Path, Element]]:
    for path in sorted(output.rglob("*.html")):
        yield path, parsed(path)


@cache
def parsed(path: Path) -> Element:
    return html5lib.parse(path.read_bytes())


def elements(root: Element, name: str = "") -> list[Element]:
    found = [element for element in root.iter() if isinstance(element.tag, str)]
    return [element for element in found if not name or element.tag == HTML + name]


def words(element: Element) -> str:
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Element) -> Iterator[str]:
    if isinstance(element.tag, str):
        yield element.text or ""
        for child in element:
            yield from _pieces(child)
            yield child.tail or ""


def letters(text: str) -> str:
    """What is left of a text when typography and line breaks are left out of account."""
    plain = text.translate(str.maketrans("“”‘’–", "\"\"''-")).replace("…", "...")
    return re.sub(r"[\s\u2060\u200b-]+", "", plain)
