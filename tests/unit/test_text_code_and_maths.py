"""Colours of code and formulas, put in behind the sanitiser."""

import subprocess
import sys

import pytest

from app.publishing.text import highlighting, mathematics
from app.publishing.text.markdown import render_markdown


def test_code_in_a_known_language_is_coloured_by_classes_alone():
    body = render_markdown('x.\n\n```python\nprint("<a>")  # & so\n```').body

    assert '<pre dir="ltr" tabindex="0" class="highlight"><code class="language-python">' in body
    assert '<span class="s2">"&lt;a&gt;"</span>' in body
    assert '<span class="c1"># &amp; so</span>' in body
    assert "style=" not in body


@pytest.mark.parametrize("fence", ["```", "```brainfog", "```text", "``` {.python}"])
def test_code_without_a_known_language_stays_plain(fence):
    body = render_markdown(f"x.\n\n{fence}\nx = 1\n```").body

    assert "highlight" not in body
    assert ">x = 1\n</code></pre>" in body


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("x = 1\n" * 5_000, id="too long"),
        pytest.param("x" * 2_000, id="too long a line"),
        pytest.param("x = 1\n" + "\n" * 500 + "y", id="too many blank lines"),
        pytest.param('\\"' * 500, id="too many escaped quotes"),
        pytest.param("/* " * 50, id="too many comments left open"),
        pytest.param("€ ¤ " * 50, id="no code of that language"),
        pytest.param("a b c " * 100, id="only words"),
    ],
)
def test_code_as_nobody_writes_it_stays_plain(code):
    assert highlighting.highlighted(code, "java") is None


def test_colours_never_lose_or_change_a_character():
    code = "\n\n  def f(x):\n\treturn '''\n<&>\n'''\n\n\n"

    coloured = render_markdown(f"x.\n\n```py\n{code}```")

    assert code.strip("\n") in coloured.plain or "def f(x):" in coloured.plain
    assert highlighting.highlighted(code, "py") is not None


def test_a_text_of_nothing_but_code_is_coloured_up_to_a_limit():
    block = "```python\n" + "x = 1\n" * 2_000 + "```\n\n"

    body = render_markdown(block * 20).body

    assert 1 < body.count('class="highlight"') < 20
    assert body.count("<pre") == 20


@pytest.mark.parametrize("language", sorted(highlighting.LANGUAGES))
def test_every_language_is_known_to_the_library(language):
    assert highlighting.highlighted("x\n", language)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$x^2$", "<math><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>"),
        ("$$\n\\frac{1}{2}\n$$", '<math display="block"><mrow><mfrac>'),
        ("```math\n\\sqrt{x}\n```", '<p><math display="block"><mrow><msqrt>'),
        ("the $n$th", "<math><mrow><mi>n</mi></mrow></math>th"),
        ("设$x$为", "设<math><mrow><mi>x</mi></mrow></math>为"),
        ("$a<b$", "<mo>&lt;</mo>"),
        ("$\\text{rain}$", "<mtext>rain</mtext>"),
    ],
)
def test_formulas_become_mathml(text, expected):
    assert expected in render_markdown(f"x.\n\n{text}").body


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $10.",
        "It costs US$5, not A$10 or HK$ 3.",
        "Between $5, and US$ 7.",
        "Write \\$x\\$ for it.",
        "Set $HOME/bin:$PATH first.",
        "From $1,000 to $2,000 in all$.",
        "`$x$` is code.",
    ],
)
def test_dollars_in_prose_are_dollars(text):
    body = render_markdown(f"x.\n\n{text}").body

    assert "<math" not in body
    assert "language-math" not in body
    assert body.count("$") == text.count("$")


@pytest.mark.parametrize(
    "formula",
    [
        "\\frac{",
        "\\nosuchcommand x",
        "x^",
        "\\begin{pmatrix}a",
        "{" * 500,
        "x" * 2_001,
        "\\href{javascript:x}{",
        "\\limits",
    ],
)
def test_a_formula_that_cannot_be_read_is_shown_as_code(formula):
    body = render_markdown(f"x.\n\n${formula}$").body

    assert "<math" not in body
    assert f'<code class="language-math">{formula}</code>' in body


@pytest.mark.parametrize(
    "formula",
    [
        "\\href{javascript:alert(1)}{x}",
        "\\style{position:fixed}{x}",
        "\\class{main}{x}",
        '\\color{red" onclick="alert(1)}x',
    ],
)
def test_a_formula_has_no_attribute_that_does_anything(formula):
    written = mathematics.to_mathml(formula, is_block=False)

    assert written is None or not any(
        name in written for name in ("href", "style=", "class=", "onclick=", "javascript")
    )


@pytest.mark.parametrize(
    "formula", ["\\unicode{x3c}img\\unicode{x3e}", "\\text{<img src=x>}", "\\text{&lt;img&gt;}"]
)
def test_characters_named_in_a_formula_stay_text(formula):
    written = mathematics.to_mathml(formula, is_block=False)

    assert written is None or "<img" not in written


def test_a_text_of_nothing_but_formulas_shows_the_last_ones_as_code():
    body = render_markdown("$x^{2}$ " * 2_000).body

    assert body.count("<math") + body.count("<code") == 2_000
    assert body.count("<math") > 500


def test_libraries_for_code_and_formulas_are_not_loaded_before_they_are_needed():
    program = (
        "import sys\nfrom app.publishing.text.markdown import render_markdown\nrender_markdown('# a `b` *c*')\n"
        "sys.exit(any(name in sys.modules for name in ('pygments', 'latex2mathml')))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
