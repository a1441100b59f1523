"""Reading finished pages as a browser would."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

HTML = "{http://www.w3.org/1999/xhtml}"


def parsed(page: bytes) -> Element:
    """The tree of a page. Raises for any error in its HTML."""
    root: Element = html5lib.HTMLParser(strict=True).parse(page.decode())
    return root


def elements(page: bytes) -> Iterator[tuple[str, Element]]:
    for element in parsed(page).iter():
        if isinstance(element.tag, str):
            yield element.tag.removeprefix(HTML), element


def found(page: bytes, element_name: str, /, **attributes: str) -> list[Element]:
    wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    return [
        element
        for tag, element in elements(page)
        if tag == element_name and all(element.get(key) == value for key, value in wanted.items())
    ]


def words_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def texts(page: bytes, element_name: str, /, **attributes: str) -> list[str]:
    return [words_of(element) for element in found(page, element_name, **attributes)]
