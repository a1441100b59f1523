"""Hostile texts on sites whose owners have switched on everything: nothing of them is obeyed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import yaml

from app.publishing.exporters import hugo, mkdocs
from app.publishing.model import File
from tests.unit.generated_sites import Text, build, elements, page_of, pages, words, write, write_site

pytestmark = pytest.mark.xdist_group("site builds")

HERE = Path(__file__).parent
MARKDOWN, HTML = (
    [case["text"] for case in json.loads((HERE / name).read_text(encoding="utf-8"))]
    for name in ("hostile_markdown.json", "hostile_texts.json")
)
# `test_generators_markdown` looks at each of them; building a third of those in HTML takes long enough.
CASES = [*MARKDOWN, *HTML[::3]]
TOPIC = '<b onclick=alert(1)>" onload="x'
# The first article is innocent: what its page holds is the theme's.
TEXTS = [
    Text("Innocent", "Nothing."),
    *(Text(text[:150].strip() or "x", text, excerpt=text[:300], topic=TOPIC) for text in CASES),
    *(Text(f"Attack {number}", text, prompt=text) for number, text in enumerate(MARKDOWN)),
]
SECRET = "THE-SECRET-OF-THE-OWNER"

EXTENSION_NAMES = """
    abbr admonition attr_list def_list footnotes md_in_html nl2br smarty tables wikilinks pymdownx.betterem
    pymdownx.blocks.admonition pymdownx.blocks.details pymdownx.blocks.html pymdownx.caret pymdownx.critic
    pymdownx.details pymdownx.emoji pymdownx.escapeall pymdownx.highlight pymdownx.inlinehilite pymdownx.keys
    pymdownx.magiclink pymdownx.mark pymdownx.progressbar pymdownx.smartsymbols pymdownx.snippets
    pymdownx.tasklist pymdownx.tilde"""
CONFIGURED = [
    {"toc": {"permalink": True}},
    {"pymdownx.arithmatex": {"generic": True}},
    {"pymdownx.superfences": {"custom_fences": [{"name": "mermaid", "class": "mermaid"}]}},
    {"pymdownx.tabbed": {"alternate_style": True}},
]
GOLDMARK = {
    "renderer": {"unsafe": True},
    "parser": {"attribute": {"block": True, "title": True}},
    "extensions": {
        "extras": {name: {"enable": True} for name in ("insert", "mark", "subscript", "superscript")},
        "passthrough": {
            "enable": True,
            "delimiters": {"block": [["$$", "$$"], ["\\[", "\\]"]], "inline": [["$", "$"], ["\\(", "\\)"]]},
        },
    },
}
RUNNING = frozenset({"script", "iframe", "frame", "object", "embed", "applet", "base", "math", "template"})


def with_everything(root: Path, name: str, **changes: object) -> Path:
    config = yaml.safe_load((root / name).read_text())
    write(root, File(name, yaml.safe_dump({**config, **changes}, allow_unicode=True).encode()))
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("hostile")
    site = write_site(root / "mkdocs", mkdocs, TEXTS)
    for folder in ("", "docs/", "docs/blog/"):
        write(site, File(f"{folder}secret.txt", SECRET.encode()))
    with_everything(site, mkdocs.CONFIG, markdown_extensions=[*EXTENSION_NAMES.split(), *CONFIGURED])
    material = build(site, "mkdocs", "build", "--strict", "-q", "-d", "material", output="material")
    plugins = yaml.safe_load((site / mkdocs.CONFIG).read_text())["plugins"]
    with_everything(site, mkdocs.CONFIG, plugins=[*plugins, "macros", "include-markdown", "table-reader"])
    other = with_everything(
        write_site(root / "hugo", hugo, TEXTS), hugo.CONFIG, markup={"goldmark": GOLDMARK}, enableEmoji=True
    )
    return {
        "material": material,
        "zensical": build(site, "zensical", "build", output="site"),
        "hugo": build(other, "hugo", output="public"),
    }


@pytest.fixture(params=["material", "zensical", "hugo"])
def output(request, built):
    return built[request.param]


def running(page: Element) -> Iterator[str]:
    """What acts on a page, its place in the site left out of account."""
    for element in elements(page):
        name = element.tag.rpartition("}")[2]
        shown = re.sub(r"\.\.?/|(?<=\")\.\.(?=\")", "", f"{dict(element.attrib)} {words(element)}")
        if name in RUNNING or (name == "meta" and element.get("http-equiv")):
            yield f"{name} {shown}"
        for attribute, value in element.attrib.items():
            is_style = attribute == "style" and not value.startswith("text-align")
            if str(attribute).startswith("on") or attribute in {"srcdoc", "formaction", "ping"} or is_style:
                yield f"{name} {attribute} {value}"


def test_no_page_runs_what_an_innocent_one_does_not(output):
    innocent = set(running(page_of(output, 1)))

    for number in range(2, len(TEXTS) + 1):
        found = {act for act in running(page_of(output, number)) if "color:" not in act and "display:" not in act}
        assert found <= innocent, TEXTS[number - 1].text


def test_no_list_runs_anything_of_a_text(output):
    for path, page in pages(output):
        for act in running(page):
            assert "alert(" not in act, path
            assert "evil" not in act.replace("site.example", ""), path


def test_no_address_is_a_script_or_loads_from_elsewhere(output):
    for path, page in pages(output):
        for element in elements(page):
            for attribute in ("href", "src", "action", "data", "poster", "srcset", "xlink:href"):
                address = re.sub(r"[\x00-\x20]", "", element.get(attribute) or "").lower()
                scheme = re.match(r"([a-z][a-z0-9+.-]*):", address)
                assert not scheme or scheme[1] in {"http", "https", "mailto", "tel"}, path
            loaded = element.get("src") or element.get("srcset") or ""
            assert not re.match(r"\s*(https?:|[/\\]{2})", loaded), path


def test_no_file_of_the_owner_and_no_template_gets_into_a_page(output):
    for path in output.rglob("*.html"):
        assert SECRET not in path.read_text(encoding="utf-8"), path
    shown = [words(page_of(output, number)) for number, text in enumerate(TEXTS, 1) if "{{ 7*7 }}" in text.text]
    assert shown
    assert all(re.search(r"\{\{\s*7\*7\s*\}\}", text.replace("\u2060", "")) for text in shown)
