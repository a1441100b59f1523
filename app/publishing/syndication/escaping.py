"""How values become the text of XML, JSON and YAML files, whatever characters they hold."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

# Everything that XML 1.0 forbids, as text or as a reference; halves of surrogate pairs among it.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def legal(text: str) -> str:
    """The text without the characters that no XML file may hold."""
    # Nothing of it is printable, and to know that costs a tenth.
    return text if text.isprintable() else _FORBIDDEN.sub("", text)


def one_line(text: str) -> str:
    """The same, on one line."""
    return " ".join(legal(text).split())


def shortened(line: str, longest: int) -> str:
    """At most so many characters, cut between words where there are any."""
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    whole_words = cut.rpartition(" ")[0]
    return f"{whole_words if len(whole_words) > longest // 2 else cut}…"


def local_time(instant: datetime, time_zone: str) -> datetime:
    """The instant in the zone of a site; in UTC where the zone is unknown or has no whole minutes then."""
    try:
        local = instant.astimezone(ZoneInfo(time_zone))
    except (KeyError, ValueError, OSError, OverflowError):
        return instant.astimezone(UTC)
    offset = local.utcoffset()
    return local if offset is not None and offset.seconds % 60 == 0 else instant.astimezone(UTC)


def rfc3339(instant: datetime, time_zone: str) -> str:
    """`2026-11-22T14:05:00+08:00`"""
    return local_time(instant, time_zone).isoformat(timespec="seconds")


def json_bytes(value: Any) -> bytes:
    """Compact JSON in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode(errors="replace")


def readable_json_bytes(value: Any) -> bytes:
    """JSON in UTF-8 for people too."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str).encode(errors="replace") + b"\n"


def xml_bytes(root: ET.Element) -> bytes:
    """An XML document in UTF-8."""
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def xml_fragment(element: ET.Element) -> bytes:
    """A part of such a document."""
    fragment: bytes = ET.tostring(element, encoding="utf-8", xml_declaration=False)
    return fragment


def add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    """A new child, with text and attributes that are legal in XML."""
    child = ET.SubElement(parent, tag, {name: legal(value) for name, value in attributes.items()})
    if text is not None:
        child.text = legal(text)
    return child
