"""The search as a reader has it: the script in a page with a strict policy, in a real browser."""

import functools
import subprocess
import threading
from datetime import timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

import html5lib
import pytest

from app.publishing.model import SearchEntry
from app.publishing.syndication import search
from tests.unit.machine_builders import FIRST_DAY, an_entry
from tests.unit.search_script import SCRIPT, files_below, found_program

POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Search</title>
<form id="search" role="search" data-index="index.json" data-root="../index.html" data-nothing="Nothing"
  data-older="Older" data-loading="Loading" data-failed="Failed" data-found="{count} found">
<input type="search" name="q" id="q"></form>
<p id="search-status" role="status"></p><ol id="search-results"></ol>
<button id="search-older" type="button" hidden></button>
<script src="search.js" defer></script><script src="reader.js" defer></script>
"""
# What the reader of a test does: acts, then waits until the page says something new.
READER = """
const status = document.getElementById("search-status");
const box = document.getElementById("q");
const older = document.getElementById("search-older");
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
async function settled() {
  do await pause(300); while (status.textContent === "Loading");
}
async function type(text) {
  box.value = text;
  box.dispatchEvent(new InputEvent("input"));
  await settled();
}
async function read() {
  await settled();
  %s
  document.documentElement.dataset.address = location.href;
  document.documentElement.dataset.focus = document.activeElement.textContent;
  document.documentElement.dataset.done = "yes";
}
read();
"""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--virtual-time-budget=20000",
    "--dump-dom",
)


class Site:
    """A folder behind a web server on the loopback interface, and the browser that looks at it."""

    def __init__(self, folder, profile):
        self.folder = folder
        self.profile = profile
        self.requests = []
        self.failing_once = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_handler(self), directory=folder))
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def publish(self, *titles, volumes=0, open_until=0, words="rain"):
        """The index of articles of these titles, the oldest first."""
        entries = [(place, a_result(title, place, words)) for place, title in enumerate(titles, 1)]
        files = {}
        for number in range((len(entries) - 1) // search.CHUNK + 1):
            chunk = entries[number * search.CHUNK : (number + 1) * search.CHUNK]
            files |= {file.path: file for file in [search.entries_file(number + 1, chunk)]}
        indexed = [pair for pair in entries if pair[0] <= max(volumes * search.VOLUME, open_until)]
        for number in range((len(indexed) - 1) // search.VOLUME + 1):
            volume = indexed[number * search.VOLUME : (number + 1) * search.VOLUME]
            files |= {file.path: file for file in search.volume_files(number + 1, volume)}
        files_below(self.folder, [*files.values(), search.manifest(len(entries), volumes, open_until=open_until)])

    def read(self, query="", acts=""):
        """The page, once the reader has come with a question and has acted."""
        page = self.folder / "search"
        page.mkdir(exist_ok=True)
        (page / "index.html").write_text(PAGE)
        (page / "search.js").write_bytes(SCRIPT.read_bytes())
        (page / "reader.js").write_text(READER % acts)
        browser = found_program("chromium", "chromium-browser", "google-chrome")
        address = f"{self.url}search/?q={quote(query)}" if query else f"{self.url}search/"
        command = [browser, *FLAGS, f"--user-data-dir={self.profile}", address]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        return Read(html5lib.parse(ran.stdout, "etree", namespaceHTMLElements=False))


class Read:
    """What the browser shows."""

    def __init__(self, tree):
        self.tree = tree
        self.html = tree if tree.tag == "html" else tree.find("html")
        assert self.html.get("data-done") == "yes", "the reader never came to an end"
        by_id = {element.get("id"): element for element in tree.iter() if element.get("id")}
        self.status = "".join(by_id["search-status"].itertext())
        self.has_older = by_id["search-older"].get("hidden") is None
        self.results = list(by_id["search-results"])
        self.titles = [item.find("a").text for item in self.results]
        self.question = urlsplit(self.html.get("data-address")).query
        self.focus = self.html.get("data-focus")


def _handler(site):
    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self):
            path = self.path.removeprefix("/search/")
            if path.endswith(".json"):
                site.requests.append(path)
            if path in site.failing_once:
                site.failing_once.remove(path)
                self.send_error(503)
                return
            super().do_GET()

        def end_headers(self):
            # Two readers within a second have the same date: the browser would keep the first.
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", POLICY)
            super().end_headers()

        def log_message(self, *_arguments):
            pass

    return Handler


def a_result(title, place, words):
    path = f"2026/11/{title.lower().replace(' ', '-')}/index.html"
    entry = an_entry(title, path=path, excerpt="It fell.", published_at=FIRST_DAY + timedelta(hours=place))
    return SearchEntry(entry, " ".join(sorted(search.words_of(f"{title} {words}"))))


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    site = Site(folder, tmp_path / "profile")
    thread = threading.Thread(target=site.server.serve_forever)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def test_a_question_in_the_address_is_answered_from_the_newest(site):
    site.publish("First", "Second", "Third")

    page = site.read("rain")

    assert page.status == "3 found"
    assert page.titles == ["Third", "Second", "First"]
    assert not page.has_older
    newest = page.results[0]
    assert newest.find("a").get("href") == f"{site.url}2026/11/third/"
    assert newest.find("p/time").get("datetime") == "2026-11-22"
    assert newest.find("p/time").text == "22 November 2026"
    assert newest.find("p/span").text == "Rain & wind"
    assert newest.findall("p")[1].text == "It fell."


def test_what_is_typed_is_asked_for_and_kept_in_the_address(site):
    site.publish("Snow on the roof", "Fog")

    page = site.read("fog", 'await type("SNÖW ro");')

    assert page.titles == ["Snow on the roof"]
    assert page.question == "q=SN%C3%96W+ro"


def test_an_emptied_box_leaves_nothing_behind(site):
    site.publish("Fog")

    page = site.read("fog", 'await type("");')

    assert (page.titles, page.status, page.question) == ([], "", "")


def test_a_title_with_all_words_comes_first(site):
    site.publish("Rain at last", "Fog", "Snow")

    assert site.read("rain").titles == ["Rain at last", "Snow", "Fog"]


@pytest.mark.parametrize("query", ["雨", "窗上的雨", "上的"])
def test_one_character_of_a_script_without_spaces_is_enough(site, query):
    site.publish("窗上的雨", "Fog", words="-")

    assert site.read(query).titles == ["窗上的雨"]


def test_nothing_that_matches_is_said(site):
    site.publish("Fog")

    page = site.read("constructor")

    assert (page.titles, page.status) == ([], "Nothing")


def test_older_results_come_on_demand_and_the_first_of_them_is_next_to_read(site):
    site.publish(*(f"Article {number}" for number in range(1, 46)))

    first = site.read("rain")
    second = site.read("rain", "older.click(); await settled();")
    third = site.read("rain", "older.click(); await settled(); older.click(); await settled();")

    assert (first.status, first.has_older) == ("20+ found", True)
    assert first.titles[-1] == "Article 26"
    assert (second.status, second.has_older, second.focus) == ("40+ found", True, "Article 25")
    assert (third.status, third.has_older, third.focus) == ("45 found", False, "Article 5")


def test_all_is_found_across_chunks_and_volumes(site):
    titles = [f"Article {number}" for number in range(1, 1201)]
    titles[9] = "Zebra old"
    titles[1023] = "Zebra last of the volume"
    titles[1024] = "Zebra first after it"
    titles[1199] = "Zebra new"
    site.publish(*titles, volumes=1)

    page = site.read("zeb")

    assert page.titles == ["Zebra new", "Zebra first after it", "Zebra last of the volume", "Zebra old"]


def test_a_volume_that_is_not_full_yet_is_searched_as_far_as_it_goes(site):
    titles = [f"Article {number}" for number in range(1, 201)]
    titles[0] = "Zebra old"
    titles[127] = "Zebra last of the volume"
    titles[128] = "Zebra first after it"
    site.publish(*titles, open_until=128)

    assert site.read("zebra").titles == ["Zebra first after it", "Zebra last of the volume", "Zebra old"]


def test_a_common_word_is_answered_from_the_newest_chunk_alone(site):
    site.publish(*(f"Article {number}" for number in range(1, 2200)), volumes=2)

    assert site.read("rain").status == "20+ found"
    assert site.requests == ["index.json", "entries/35.json"]


def test_a_rare_word_takes_one_file_of_each_volume_and_the_chunks_of_its_articles(site):
    titles = [f"Article {number}" for number in range(1, 2049)]
    titles[100] = "Zebra"
    site.publish(*titles, volumes=2)
    shard = search.shard_of("zebra")

    assert site.read("zebra").titles == ["Zebra"]
    assert site.requests == ["index.json", f"volumes/2/{shard}.json", f"volumes/1/{shard}.json", "entries/2.json"]


def test_a_chunk_that_moved_to_its_volume_meanwhile_is_searched_there(site):
    site.publish(*(f"Article {number}" for number in range(1, 65)), open_until=64)
    files_below(site.folder, [search.manifest(64, 0)])

    assert site.read("article 7").titles == ["Article 7"]


def test_withdrawn_articles_are_passed_over(site):
    site.publish("First", "Second", "Third", open_until=64)
    kept = [(place, a_result(title, place, "rain")) for place, title in ((1, "First"), (3, "Third"))]
    files_below(site.folder, [search.entries_file(1, kept, with_words=False)])

    page = site.read("rain")

    assert (page.titles, page.status) == (["Third", "First"], "2 found")


def test_an_index_that_cannot_be_read_is_said(site):
    page = site.read("rain")

    assert (page.titles, page.status) == ([], "Failed")


@pytest.mark.parametrize("path", ["index.json", "entries/1.json"])
def test_what_failed_once_is_read_again_for_the_next_question(site, path):
    site.publish("Fog")
    site.failing_once.add(path)

    page = site.read("fog", 'if (status.textContent === "Failed") await type("fo");')

    assert page.titles == ["Fog"]
    assert site.requests.count(path) == 2


def test_older_results_that_could_not_be_read_are_there_at_the_next_press(site):
    site.publish(*(f"Article {number}" for number in range(1, 86)), open_until=64)
    site.failing_once.add("entries/1.json")

    page = site.read("rain", "older.click(); await settled(); older.click(); await settled();")

    assert (page.status, page.focus) == ("40+ found", "Article 65")


def test_an_answer_that_comes_too_late_is_dropped(site):
    site.publish("Fog", "Snow")
    asks = (
        'box.value = "fog"; search.requestSubmit(); box.value = "snow"; search.requestSubmit(); await settled();'
    )

    page = site.read("", f'const search = document.getElementById("search"); {asks}')

    assert (page.titles, page.question) == (["Snow"], "q=snow")


def test_markup_in_an_article_is_text(site):
    site.publish("<img src=x onerror=alert(1)>", words="rain")

    page = site.read("rain")

    assert page.titles == ["<img src=x onerror=alert(1)>"]
    assert page.tree.find(".//img") is None
