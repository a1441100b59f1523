"""What stands beside a page: its Markdown and the record of how it came to be."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from app.publishing.model import Attachment, Provenance, TopicLink
from app.publishing.syndication.markdown_copies import twin
from app.publishing.syndication.provenance import provenance
from tests.unit.machine_builders import FIRST_DAY, HARBOUR, HOSTILE, a_site, an_article

PAGE = Path(__file__).parents[2] / "docs" / "provenance.md"
ROOT = "https://weather.example/daily/"


def parted(file):
    """Front matter and text, as any reader of front matter would take them apart."""
    opening, matter, text = re.split(r"^---\n", file.body.decode(), maxsplit=2, flags=re.MULTILINE)
    assert opening == ""
    return yaml.safe_load(matter), text


def test_a_twin_is_the_submitted_text_below_what_is_known():
    article = an_article(
        "# Rain on the window\r\n\n![](harbour.png)\n---\nIt fell.",
        updated_at=FIRST_DAY + timedelta(days=1),
        pictures=(HARBOUR,),
        files=(Attachment("rain.mp3", "media/1/rain.mp3", "audio/mpeg"),),
    )

    file = twin(a_site(), article, "Rain: on the window")

    matter, text = parted(file)
    assert file.path == "2026/11/rain-on-the-window/index.md"
    assert text == "\n# Rain on the window\r\n\n![](harbour.png)\n---\nIt fell.\n"
    assert matter == {
        "title": "Rain: on the window",
        "date": "2026-11-22T17:30:15+08:00",
        "updated": "2026-11-23T17:30:15+08:00",
        "topic": "Rain & wind",
        "author": "Ada Byron",
        "language": "en",
        "canonical": f"{ROOT}2026/11/rain-on-the-window/",
        "pictures": [f"{ROOT}media/0123456789abcdef/har%20bour.png"],
        "files": [f"{ROOT}media/1/rain.mp3"],
    }


def test_a_twin_is_silent_about_what_there_is_not():
    matter, _text = parted(twin(a_site(author=""), an_article(topic=None), "Rain"))

    assert matter.keys() == {"title", "date", "language", "canonical"}


def test_front_matter_is_readable_in_every_script():
    body = twin(a_site(), an_article(), "窗上的雨 🌧 и ветер").body.decode()

    assert "\ntitle: 窗上的雨 🌧 и ветер\n" in body


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_in_its_place(text):
    article = an_article(text, topic=TopicLink(text, "topic"))

    matter, shown = parted(twin(a_site(author=text), article, text))

    assert not set(map(ord, shown)) & (set(range(32)) - {9, 10, 13})
    assert matter["canonical"] == f"{ROOT}2026/11/rain-on-the-window/"
    assert matter.keys() <= {"title", "date", "topic", "author", "language", "canonical"}
    record = json.loads(provenance(a_site(), article, text).body)
    assert record["contentId"] == 7


def a_known_article():
    origin = Provenance(
        client="laptop",
        model="qwen-72b",
        config={"temperature": 0.7},
        prompt="Write about rain",
        instruction="Be brief",
        submitted_at=FIRST_DAY - timedelta(minutes=1),
        approved_by="Ada Byron",
        approved_at=FIRST_DAY + timedelta(hours=1),
    )
    return an_article(provenance=origin, updated_at=FIRST_DAY + timedelta(days=1))


def test_a_record_tells_how_an_article_came_to_be():
    file = provenance(a_site(), a_known_article(), "Rain on the window")

    assert file.path == "2026/11/rain-on-the-window/provenance.json"
    assert json.loads(file.body) == {
        "version": 1,
        "title": "Rain on the window",
        "url": f"{ROOT}2026/11/rain-on-the-window/",
        "contentId": 7,
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        "client": "laptop",
        "model": "qwen-72b",
        "config": {"temperature": 0.7},
        "prompt": "Write about rain",
        "instruction": "Be brief",
        "submittedAt": "2026-11-22T17:29:15+08:00",
        "publishedAt": "2026-11-22T17:30:15+08:00",
        "updatedAt": "2026-11-23T17:30:15+08:00",
        "approved": {"by": "Ada Byron", "at": "2026-11-22T18:30:15+08:00"},
        "generator": "PyGai Connector",
    }


def test_a_record_has_every_key_even_when_nothing_is_known():
    known = json.loads(provenance(a_site(), a_known_article(), "Rain").body)
    unknown = json.loads(provenance(a_site(), an_article(), "Rain").body)

    assert unknown.keys() == known.keys()
    assert unknown["approved"] is None
    assert unknown["model"] is None
    assert unknown["config"] == {}


def test_every_key_of_a_record_is_documented_and_no_other():
    record = json.loads(provenance(a_site(), a_known_article(), "Rain").body)

    documented = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert documented == list(record)
