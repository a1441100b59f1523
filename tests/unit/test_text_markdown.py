"""Titles, summaries and what Markdown becomes."""

import pytest

from app.publishing.text.markdown import LocalPicture, render_markdown

SOURCE = "http://localhost:8080/genimgs/rain.png"
PICTURES = {SOURCE: LocalPicture("../../../media/rain.png", 640, 480, "Rain")}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Rain on the window\n\nIt fell.", "Rain on the window"),
        ("Rain on the window\n===\n\nIt fell.", "Rain on the window"),
        ("## A second-level heading first\n\nText", "A second-level heading first"),
        ("Sure, here it is:\n\n# The only one\n\nText", "The only one"),
        ("# **Bold** `code` and [a link](https://x.example)\n\nText", "Bold code and a link"),
        ("<h1>Raw <em>heading</em></h1>\n\nText", "Raw heading"),
        ("# Note[^1]\n\nText[^1]\n\n[^1]: n", "Note"),
        ("#\n\nFirst sentence. Second.", "First sentence"),
        ("Rain fell. Then it stopped.", "Rain fell"),
        ("Did it rain? It did.", "Did it rain?"),
        ("He said “stop.” Then he left.", "He said “stop.”"),
        ("雨斜斜地打在窗上。我望着窗外！", "雨斜斜地打在窗上"),
        ("下雨了吗？是的。", "下雨了吗？"),
        ("Шёл дождь. Потом перестал.", "Шёл дождь"),
        ("Version 3.11 came out. All is well.", "Version 3.11 came out"),
        ("标题1\n\n正文第一段。\n\n正文第二段。", "标题1"),
        ("**The last tram**\n\nIt left at ten.", "The last tram"),
        ("#no heading without a space. More", "no heading without a space"),
        ("- one\n- two", "one two"),
        ("> Quoted first. Then more.", "Quoted first"),
    ],
)
def test_a_text_has_the_title_an_editor_would_give_it(text, title):
    assert render_markdown(text).title == title


@pytest.mark.parametrize("text", ["", "   \n\n", "---", "![](https://far.example/x.png)"])
def test_a_text_without_words_has_no_raw_mark_for_a_title(text):
    title = render_markdown(text).title

    assert title is None or title == "x.png"


def test_a_title_from_a_heading_is_not_repeated_in_the_body():
    rendered = render_markdown("# Rain on the window\n\nIt fell.")

    assert "Rain on the window" not in rendered.body
    assert '<p dir="auto">It fell.</p>' in rendered.body


def test_a_title_line_before_the_text_is_not_repeated_in_the_body():
    rendered = render_markdown("Rain on the window\n\nIt fell all day.")

    assert "Rain on the window" not in rendered.body


def test_a_first_sentence_stays_in_the_body_and_the_summary_goes_on_after_it():
    rendered = render_markdown("Rain fell. Then it stopped. We went out.")

    assert "Rain fell." in rendered.body
    assert rendered.excerpt == "Then it stopped. We went out."


def test_a_long_first_sentence_is_cut_at_a_word():
    title = render_markdown("word " * 40).title

    assert len(title) <= 80
    assert title.endswith("word…")


def test_a_long_sentence_without_spaces_is_cut_at_the_limit():
    assert len(render_markdown("雨" * 300).title) == 80


def test_a_cut_never_splits_what_a_reader_sees_as_one_character():
    title = render_markdown("👩‍🚀" * 100).title

    assert title.removesuffix("…").replace("👩‍🚀", "") == ""


def test_a_heading_too_long_for_a_title_is_kept_in_the_body():
    rendered = render_markdown(f"# {'word ' * 100}\n\nText")

    assert len(rendered.title) <= 200
    assert rendered.body.startswith("<h2")


def test_the_summary_is_plain_text_from_paragraphs_without_code_or_footnotes():
    rendered = render_markdown("# T\n\n```\ncode\n```\n\nOne *two* <b>&amp;</b> three[^1].\n\n[^1]: note")

    assert rendered.excerpt == "One two & three."


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# A\n\n# B\n\n## C", ["h2", "h3"]),
        ("# T\n\n## B\n\n### C", ["h2", "h3"]),
        ("T.\n\n#### B\n\n###### C", ["h2", "h3"]),
        ("T.\n\n### B\n\n## C\n\n##### D", ["h2", "h2", "h3"]),
        ("Text.\n\n# B\n\n# C\n\n<h1>D</h1>", ["h2", "h2", "h2"]),
    ],
)
def test_headings_of_the_body_start_below_the_one_of_the_page(text, levels):
    body = render_markdown(text).body

    assert [part[:2] for part in body.split("<")[1:] if part[:1] == "h" and part[1].isdigit()] == levels


def test_the_first_of_several_top_headings_is_the_title_when_it_opens_the_text():
    rendered = render_markdown("# A\n\none\n\n# B\n\ntwo")

    assert rendered.title == "A"
    assert '<h2 dir="auto">B</h2>' in rendered.body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x.\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |", '<td class="align-right">2</td>'),
        ("x.\n\n~~gone~~", "<del>gone</del>"),
        ("x.\n\n- [x] done\n- [ ] open", '<li class="task done">☑ done</li>'),
        ("x.\n\n- [x] done\n- [ ] open", '<li class="task">☐ open</li>'),
        ("x.\n\nhttps://fine.example/a", '<a href="https://fine.example/a"'),
        ("x.\n\n- [x] done\n\n- [ ] open", '<li class="task done">\n<p>☑ done</p>'),
        ("x[^n]\n\n[^n]: A note", '<a href="#text-fn-n" id="text-fnref-n" role="doc-noteref">1</a>'),
        ("x[^n]\n\n[^n]: A note", '<div class="footnotes" role="doc-endnotes" dir="auto">'),
        ("x[^n]\n\n[^n]: A note", '<li id="text-fn-n">'),
        (
            "x[^n]\n\n[^n]: A note",
            '<a href="#text-fnref-n" class="footnote-backref" role="doc-backlink">↩\ufe0e</a>',
        ),
        ("x.\n\n```\na < b\n```", '<pre dir="ltr" tabindex="0"><code>a &lt; b\n</code></pre>'),
        ("x.\n\nH<sub>2</sub>O <kbd>Esc</kbd>", "H<sub>2</sub>O <kbd>Esc</kbd>"),
        ("x.\n\n雨打\n在窗上", "雨打在窗上"),
        ("x.\n\n```\n雨打\n在窗上\n```", "雨打\n在窗上"),
        ("x.\n\nrain\non glass", "rain\non glass"),
        ("x.\n\n**强调。**文字", "<strong>强调。</strong>文字"),
        ("x.\n\n他说**“下雨了”**。", "<strong>“下雨了”</strong>。"),
        ("x.\n\n**「雨」**です", "<strong>「雨」</strong>です"),
        ("x.\n\n见 https://fine.example/a，后来", 'ugc">https://fine.example/a</a>，后来'),
        ("x.\n\nsee www.fine.example/a.", '<a href="http://www.fine.example/a"'),
    ],
)
def test_markdown_beyond_the_basics_is_rendered(text, expected):
    assert expected in render_markdown(text).body


@pytest.mark.parametrize(
    "reference",
    [f"![alt]({SOURCE})", "![alt](rain.png)", "![alt](../uploads/rain.png)", f'<img src="{SOURCE}" alt=alt>'],
)
def test_a_picture_of_the_submission_stands_where_the_text_puts_it(reference):
    rendered = render_markdown(f"x.\n\n{reference}", pictures=PICTURES)

    assert '<img src="../../../media/rain.png" alt="alt" width="640" height="480"' in rendered.body
    assert rendered.placed == {SOURCE}


def test_a_picture_of_the_same_name_on_another_host_is_not_ours():
    rendered = render_markdown("x.\n\n![alt](https://far.example/rain.png)", pictures=PICTURES)

    assert "<img" not in rendered.body
    assert rendered.placed == frozenset()


def test_a_picture_given_as_a_data_url_is_found_by_it():
    source = "data:image/png;base64,iVBORw0KGgo="

    rendered = render_markdown(f"x.\n\n![a]({source})", pictures={source: LocalPicture("../m.png")})

    assert '<img src="../m.png" alt="a"' in rendered.body


def test_a_picture_whose_address_has_spaces_and_chinese_letters_is_found():
    source = "http://localhost:8080/图 1.png"

    rendered = render_markdown(f"x.\n\n![a](<{source}>)", pictures={source: LocalPicture("../m.png")})

    assert rendered.placed == {source}


def test_only_the_first_picture_of_a_page_is_loaded_at_once():
    pictures = {f"http://h.example/{n}.png": LocalPicture(f"{n}.png") for n in (1, 2)}

    body = render_markdown("x.\n\n![](1.png) ![](2.png)", pictures=pictures).body

    assert body.index('loading="eager"') < body.index('loading="lazy"')
    assert body.count('loading="eager"') == 1


def test_a_link_to_a_file_of_the_submission_leads_to_the_copy_in_the_site():
    links = {"http://localhost:8080/report.pdf": "../../../media/report.pdf"}

    body = render_markdown("[Report](http://localhost:8080/report.pdf)", links=links).body

    assert '<a href="../../../media/report.pdf"' in body


def test_outer_blocks_find_their_own_direction_and_inner_ones_follow():
    body = render_markdown("مطر.\n\n> غدا\n\n- أولا").body

    assert body.count('dir="auto"') == 3
    assert render_markdown("مطر على النافذة.").is_right_to_left
    assert not render_markdown("1, 2: Rain مطر").is_right_to_left


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("雨打在窗上", "zh"),
        ("雨が窓を打つ", "ja"),
        ("비가 창문을", "ko"),
        ("Rain 雨 fell all day", None),
        ("", None),
    ],
)
def test_the_language_is_said_where_the_letters_tell_it(text, language):
    assert render_markdown(text).language == language


@pytest.mark.parametrize(
    ("text", "title", "excerpt"),
    [
        ("# 雨\n\n雨斜斜地打在窗上。👩‍🚀\n\n我望着窗外。", "雨", "雨斜斜地打在窗上。👩‍🚀 我望着窗外。"),
        ("Шёл дождь. Потом перестал.", "Шёл дождь", "Потом перестал."),
        ("هطل المطر. ثم توقف.", "هطل المطر", "ثم توقف."),
        ("# 🌧️ Rain 🌧️\n\n☔ It fell.", "🌧️ Rain 🌧️", "☔ It fell."),
    ],
)
def test_titles_and_summaries_come_right_in_every_script(text, title, excerpt):
    rendered = render_markdown(text)

    assert (rendered.title, rendered.excerpt) == (title, excerpt)


def test_the_plain_text_is_all_of_it_without_title_marks_and_footnote_arrows():
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    text = f"# T\n\nOne *two*[^1].\n\n{table}\n\n- [x] done\n\n`code` &amp; $x^2$\n\n[^1]: note"

    assert render_markdown(text).plain == "One two.\na\nb\n1\n2\n☑ done\ncode & x^2\nnote"


def test_a_table_scrolls_by_keyboard_and_is_called_by_its_columns():
    body = render_markdown("x.\n\n| Name | *Price* |\n|---|---|\n| a | 1 |").body

    assert '<div class="table" tabindex="0" role="group" aria-label="Name, Price"><table' in body
    assert body.count("</table></div>") == 1


def test_a_table_without_heads_has_no_name():
    body = render_markdown("x.\n\n|  |  |\n|---|---|\n| a | 1 |").body

    assert '<div class="table" tabindex="0"><table' in body


def test_pictures_of_other_hosts_are_reported_once_each():
    text = "x.\n\n" + "".join(
        f"![p](https://far.example/{n % 30}.png) <img src='http://near.example/a.png?b=1&amp;c=2'>"
        for n in range(40)
    )

    remote = render_markdown(text).remote_pictures

    assert len(remote) == 20
    assert remote[:2] == ("https://far.example/0.png", "http://near.example/a.png?b=1&c=2")


def test_a_remote_picture_that_was_fetched_is_shown_by_its_address():
    text = "x.\n\n![A lighthouse](https://far.example/light.png)"
    (address,) = render_markdown(text).remote_pictures

    rendered = render_markdown(text, pictures={address: LocalPicture("m/light.png")})

    assert '<img src="m/light.png" alt="A lighthouse"' in rendered.body
    assert rendered.remote_pictures == ()
    assert rendered.placed == {address}


@pytest.mark.parametrize(
    "address", ["x.png", "data:image/png;base64,AA", "ftp://far.example/x.png", "//far.example/x"]
)
def test_only_pictures_of_the_web_are_reported(address):
    assert render_markdown(f"x. ![a]({address})").remote_pictures == ()


def test_a_picture_of_another_host_becomes_a_link_to_it():
    body = render_markdown("![A lighthouse](https://far.example/light.png)").body

    assert "<img" not in body
    assert (
        '<a href="https://far.example/light.png" class="remote" rel="nofollow noopener ugc">A lighthouse</a>'
        in body
    )


def test_a_picture_of_another_host_inside_a_link_leaves_only_its_words():
    body = render_markdown("[![A badge](https://far.example/b.svg)](https://fine.example/)").body

    assert '<a href="https://fine.example/" rel="nofollow noopener ugc">A badge</a>' in body


def test_links_to_files_of_the_site_and_into_the_page_are_our_own():
    links = {"http://localhost:8080/report.pdf": "../../../media/report.pdf"}

    body = render_markdown(
        "[Report](http://localhost:8080/report.pdf) [Down](#end) <i id=end>x</i>", links=links
    ).body

    assert '<a href="../../../media/report.pdf">Report</a> <a href="#text-end">Down</a>' in body


def test_markup_written_as_text_stays_text_in_every_place():
    rendered = render_markdown('# a id="x" <b>\n\nb id="x" &lt;img src="y"&gt; `<table>` **c**')

    assert rendered.title == 'a id="x" <b>'
    assert '&lt;img src="y"&gt; <code>&lt;table&gt;</code> <strong>c</strong>' in rendered.body
