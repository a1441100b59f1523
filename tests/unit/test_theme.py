"""Finding themes, overriding their files, and what is said about broken ones."""

import json
import os
import re
from datetime import UTC, datetime

import pytest

from app.publishing.pages import articles, notices
from app.publishing.pages import theme as themes
from app.publishing.pages.theme import (
    DEFAULT_FOLDER,
    SHIPPED,
    TONES,
    Theme,
    ThemeBroken,
    ThemeMissing,
    default_theme,
    tone,
)
from tests.unit.page_parsing import found, texts
from tests.unit.site_builders import a_site, an_article

LANGUAGES = {"ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "ru", "zh"}


@pytest.fixture
def user_folder(tmp_path):
    (tmp_path / "mine" / "assets").mkdir(parents=True)
    return tmp_path


def write(user_folder, name, text):
    file = user_folder / "mine" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def mine(user_folder):
    return themes.find_theme("mine", user_folder)


def test_a_theme_may_hold_one_file_and_has_the_others_from_the_default(user_folder):
    write(user_folder, "404.html", "<!DOCTYPE html><title>Gone</title><h1>{{ title }}</h1>")
    theme = mine(user_folder)

    missing = notices.render_not_found(a_site(), theme=theme)
    article = articles.render_article(a_site(), an_article(), theme=theme)

    assert missing.body == b"<!DOCTYPE html><title>Gone</title><h1>Page not found</h1>"
    assert article.body == articles.render_article(a_site(), an_article(), theme=default_theme()).body


def test_a_template_may_extend_another_theme_file_and_change_one_block(user_folder):
    write(user_folder, "gone.html", '{% extends "notice.html" %}{% block notice %}<p>Sold.</p>{% endblock %}')

    page = notices.render_gone(a_site(), "2026/11/rain/index.html", theme=mine(user_folder)).body

    assert b"<p>Sold.</p>" in page
    assert found(page, "header", class_="masthead")


def test_a_template_may_extend_the_one_that_it_hides(user_folder):
    write(
        user_folder, "base.html", '{% extends "default/base.html" %}{% block colophon %}<p>Mine.</p>{% endblock %}'
    )

    page = articles.render_article(a_site(), an_article(), theme=mine(user_folder)).body

    assert b"<p>Mine.</p>" in page
    assert texts(page, "h1") == ["Rain on the window"]


def test_a_stylesheet_of_the_user_takes_the_place_of_ours(user_folder):
    write(user_folder, "assets/site.css", "body { color: red }")
    theme = mine(user_folder)

    page = articles.render_article(a_site(), an_article(), theme=theme).body

    assert theme.assets["site.css"].body == b"body { color: red }"
    assert theme.assets["site.css"].path.encode() in page


def test_a_stylesheet_refers_to_pictures_of_the_theme_by_their_plain_names(user_folder):
    write(user_folder, "assets/paper.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    write(user_folder, "assets/site.css", "a { background: url(paper.svg) } b { background: url('unknown.svg') }")
    theme = mine(user_folder)

    name = theme.assets["paper.svg"].path.removeprefix("assets/")
    assert theme.assets["site.css"].body.decode() == (
        f"a {{ background: url(\"{name}\") }} b {{ background: url('unknown.svg') }}"
    )


def test_a_theme_that_changes_on_disk_is_found_anew(user_folder):
    file = write(user_folder, "404.html", "one {{ title }}")
    first = mine(user_folder)
    assert mine(user_folder) is first

    file.write_text("two {{ title }}")
    os.utime(file, ns=(1, 1))

    assert mine(user_folder).digest != first.digest
    assert notices.render_not_found(a_site(), theme=mine(user_folder)).body.startswith(b"two")


def test_the_users_words_go_before_ours_and_english_fills_the_gaps(user_folder):
    write(user_folder, "words/en.json", json.dumps({"archive": "Attic", "motto": "Slowly"}))
    write(user_folder, "words/nl.json", json.dumps({"about": "Wie we zijn"}))
    theme = mine(user_folder)

    assert theme.words("en")["archive"] == theme.words("nl")["archive"] == "Attic"
    assert theme.words("zh")["archive"] == "归档"
    assert theme.words("zh")["motto"] == "Slowly"
    assert theme.words("nl-BE")["about"] == "Wie we zijn"


def test_themes_are_listed_by_name(user_folder):
    (user_folder / ".hidden").mkdir()

    listed = themes.list_themes(user_folder)

    assert {"default", "mine"} <= set(listed)
    assert ".hidden" not in listed
    assert "mine" not in themes.list_themes(None)
    assert "default" in themes.list_themes(user_folder / "missing")


@pytest.mark.parametrize("name", ["nosuch", "", "..", "../default", "a/b", "mine\x00", "x" * 200, "mine\n"])
def test_an_unknown_theme_is_a_clear_error(user_folder, name):
    with pytest.raises(ThemeMissing):
        themes.find_theme(name, user_folder)


def test_the_error_about_an_unknown_theme_names_those_there_are(user_folder):
    with pytest.raises(ThemeMissing, match=r"no theme 'nosuch'; there are: default, .*mine"):
        themes.find_theme("nosuch", user_folder)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("<p>\n{{ nosuch }}", r"404\.html, line 2: 'nosuch' is undefined"),
        ("<p>\n\n{{ words.nosuch }}", r"404\.html, line 3: .*no attribute 'nosuch'"),
        ("<p>\n{% if %}", r"404\.html, line 2: Expected an expression"),
        ("{{ 1 / 0 }}", r"404\.html, line 1: ZeroDivisionError: division by zero"),
        ("{{ site.__class__.__mro__ }}", r"404\.html, line 1: .*unsafe"),
        ("{{ words.say.__globals__ }}", r"404\.html, line 1: .*unsafe"),
        ("{{ feeds.append(1) }}", r"404\.html, line 1: .*unsafe|not safely"),
        ('\n{{ asset("nosuch.css") }}', r"404\.html, line 2: .*nosuch\.css"),
        ('{% extends "nosuch.html" %}', r"no template 'nosuch\.html'"),
    ],
)
def test_a_broken_template_is_named_with_its_line(user_folder, template, message):
    write(user_folder, "404.html", template)

    with pytest.raises(ThemeBroken, match=message):
        notices.render_not_found(a_site(), theme=mine(user_folder))


def test_values_of_a_page_give_nothing_away_but_what_they_are_for(user_folder):
    write(user_folder, "article.html", "{{ topic.__class__ }}")

    with pytest.raises(ThemeBroken, match="unsafe"):
        articles.render_article(a_site(), an_article(), theme=mine(user_folder))


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "\ud800".encode("utf-16", "surrogatepass").decode("latin-1")])
def test_broken_words_are_named(user_folder, text):
    write(user_folder, "words/en.json", text)

    with pytest.raises(ThemeBroken, match=r"words.en\.json"):
        mine(user_folder).words("en")


def test_the_digest_is_of_every_file_that_counts(user_folder):
    plain = mine(user_folder).digest
    write(user_folder, "words/en.json", "{}")
    worded = mine(user_folder).digest
    write(user_folder, ".notes", "x")

    assert plain == default_theme().digest == Theme(DEFAULT_FOLDER).digest
    assert len({plain, worded}) == 2
    assert mine(user_folder).digest == worded


def test_every_language_has_the_same_words():
    files = sorted((DEFAULT_FOLDER / "words").glob("*.json"))
    words = [json.loads(file.read_text(encoding="utf-8")) for file in files]

    assert {file.stem for file in files} == LANGUAGES
    assert all(each.keys() == words[0].keys() for each in words)
    assert all(len(each["months"]) == len(each["months_alone"]) == 12 for each in words)
    assert all(_gaps(each) == _gaps(words[0]) for each in words)


def test_every_shipped_theme_says_its_own_words_in_every_language():
    for folder in (SHIPPED / name for name in themes.list_themes(None)):
        assert {file.stem for file in (folder / "words").glob("*.json")} == LANGUAGES


def test_a_theme_speaks_the_languages_that_it_has_words_for_and_their_families(user_folder):
    write(user_folder, "words/nl.json", "{}")
    theme = mine(user_folder)

    assert all(theme.speaks(language) for language in ("en", "en-GB", "zh-Hant-TW", "de-AT", "nl", "nl-BE"))
    assert not any(default_theme().speaks(language) for language in ("nl", "sw", "deu"))


@pytest.mark.parametrize(
    ("language", "date", "month"),
    [
        ("de", "5. März 2026", "März 2026"),
        ("en", "5 March 2026", "March 2026"),
        ("es", "5 de marzo de 2026", "Marzo de 2026"),
        ("fr", "5 mars 2026", "Mars 2026"),
        ("hi", "5 मार्च 2026", "मार्च 2026"),
        ("it", "5 marzo 2026", "Marzo 2026"),
        ("ja", "2026年3月5日", "2026年3月"),
        ("ko", "2026년 3월 5일", "2026년 3월"),
        ("pt-BR", "5 de março de 2026", "Março de 2026"),
        ("ru", "5 марта 2026", "Март 2026"),
        ("zh", "2026年3月5日", "2026年3月"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(language, date, month):
    words = default_theme().words(language)
    moment = datetime(2026, 3, 5, tzinfo=UTC)

    assert (words.date(moment), words.month_and_year(moment)) == (date, month)


def _gaps(words):
    # The months of a date are numbers where they have no names; everything else is to be said everywhere.
    return {name: sorted(re.findall(r"{(\w+)}", phrase)) for name, phrase in words.items() if "months" not in name}


def test_every_word_of_the_default_theme_is_used():
    said = "".join(file.read_text(encoding="utf-8") for file in DEFAULT_FOLDER.glob("*.html"))
    made_in_code = {"months", "months_alone", "picture_of", "untitled"}
    titles = {"not_found_title", "gone_title", "moved_title"}

    words = json.loads((DEFAULT_FOLDER / "words" / "en.json").read_text(encoding="utf-8"))

    unused = {name for name in words if f"words.{name}" not in said and f'say("{name}"' not in said}
    assert unused == made_in_code | titles


def test_assets_ask_for_nothing_from_elsewhere():
    for asset in default_theme().assets.values():
        text = asset.body.decode().replace('xmlns="http://www.w3.org/2000/svg"', "").replace('[href^="http"]', "")
        assert "//" not in text or asset.path.endswith(".js")
        assert "http" not in text
        assert "@import" not in text
        assert "url(" not in text
        assert asset.media_type


def test_every_page_refers_to_assets_of_the_theme_by_their_digest():
    paths = {asset.path for asset in default_theme().assets.values()}

    page = articles.render_article(a_site(), an_article(), theme=default_theme()).body

    for link in [*found(page, "link", rel="stylesheet"), *found(page, "link", rel="icon")]:
        assert link.get("href").removeprefix("../../../") in paths


def test_a_topic_always_has_the_same_colour():
    assert tone("Weather") == tone("Weather")
    assert tone(None) == tone("") == 0
    assert {tone(f"topic {number}") for number in range(100)} == set(range(1, TONES))
