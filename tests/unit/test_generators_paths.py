"""Where generators put what they write."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.publishing.exporters import hugo, mkdocs

EVENING = datetime(2026, 11, 22, 4, 24, tzinfo=ZoneInfo("Asia/Shanghai"))
DIGEST = "ab" * 32


def test_a_file_for_mkdocs_is_named_as_the_original_named_it():
    path = mkdocs.article_path(topic_id=3, prompt_id=12, content_id=77, dated_at=EVENING)

    assert path == "docs/blog/3-12-77-20261122042400.md"


def test_the_name_is_the_one_under_which_the_original_left_its_page():
    written_at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=ZoneInfo("Asia/Shanghai"))

    path = mkdocs.article_path(topic_id=1, prompt_id=39, content_id=9, dated_at=written_at)

    # From `gaiPublish` of the sample, where it is relative to `docs`.
    assert path == "docs/" + "blog/1-39-9-20260304050607.md"


def test_a_missing_topic_or_prompt_is_zero_and_never_none():
    path = mkdocs.article_path(topic_id=None, prompt_id=None, content_id=77, dated_at=EVENING)

    assert path == "docs/blog/0-0-77-20261122042400.md"


def test_a_bundle_for_hugo_tells_month_title_and_number():
    path = hugo.article_path(title="Rain on the Window", content_id=77, dated_at=EVENING)

    assert path == "content/posts/2026-11-rain-on-the-window-77/index.md"


@pytest.mark.parametrize("title", ["", "🌧️", "../../etc", "a/b\\c", "con"])
def test_no_title_leads_a_bundle_elsewhere(title):
    path = hugo.article_path(title=title, content_id=7, dated_at=datetime(2026, 1, 2, tzinfo=UTC))

    folder, name = path.removeprefix("content/posts/").split("/")
    assert path.startswith("content/posts/2026-01-")
    assert (folder[-2:], name) == ("-7", "index.md")


def test_two_bundles_of_one_title_are_apart():
    paths = {hugo.article_path(title="Rain", content_id=number, dated_at=EVENING) for number in (1, 2)}

    assert len(paths) == 2


def test_pictures_are_in_uploads_or_in_the_bundle():
    article = "content/posts/2026-11-rain-77/index.md"

    assert mkdocs.media_path("docs/blog/x.md", DIGEST, "a b.png") == "docs/uploads/abababababababab/a b.png"
    assert hugo.media_path(article, DIGEST, "a b.png") == "content/posts/2026-11-rain-77/abababababababab/a b.png"


@pytest.mark.parametrize("name", ["notes.md", "index.MD", "page.html", "x.markdown"])
@pytest.mark.parametrize("generator", [mkdocs, hugo])
def test_an_uploaded_file_never_becomes_a_page(generator, name):
    assert generator.media_path("docs/blog/x.md", DIGEST, name).endswith(f"/{name}.txt")
