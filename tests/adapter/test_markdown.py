"""Text of others in Markdown: a real renderer shows it as it is, wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapter.markdown import code, code_block, escaped
from adapter.plain_text import plain_text

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
NASTY = [
    "ViolationError<Contract>",
    "<script>alert(1)</script>",
    "![i](http://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "a | b || c \\| d",
    "`code` ``more`` ```",
    "`",
    "# head",
    "1. one",
    "- item",
    "+ item",
    "> quote",
    "***",
    "===",
    "~~gone~~ **bold** __bold__ _it_ *it*",
    "&amp; &#60;b&#62; &copy;",
    "<https://evil.example>",
    "line\n\n# another\r\n    code",
    "    indented",
    "\\",
    "a\\",
    "[x]: http://evil.example",
    ":--- | ---:",
    "\u202eevil\x1b[31m\u200b",
    "é ü 漢字 🙂",
    "|",
]
texts = st.one_of(st.text(alphabet="ab1 `*_[]()<>#|\\-+.!~&:/=\n\té", max_size=30), st.text(max_size=60))


def as_seen(text: str) -> str:
    return plain_text(" ".join(text.split()))


def inner(html: str, around: str) -> str:
    """Return what a renderer has made of a text within an element, as it is seen; any markup in it is a failure."""
    found = re.fullmatch(around.format("(.*)"), html.strip(), re.DOTALL)
    assert found, html
    assert "<" not in found[1], html
    return unescape(found[1])


def nasty(test: Callable[[str], None]) -> Callable[[], None]:
    for text in NASTY:
        test = example(text=text)(test)
    return given(text=texts)(test)


@nasty
def test_escaped_text_is_seen_as_it_is_in_a_paragraph(text: str) -> None:
    if seen := as_seen(text):
        assert inner(RENDERER.render(escaped(text)), "<p>{}</p>") == seen


@nasty
def test_escaped_text_is_seen_as_it_is_in_a_list(text: str) -> None:
    if seen := as_seen(text):
        assert inner(RENDERER.render(f"- {escaped(text)}"), "<ul>\n<li>{}</li>\n</ul>") == seen


@nasty
def test_escaped_text_is_seen_as_it_is_in_a_table(text: str) -> None:
    html = RENDERER.render(f"| a | b |\n|---|---|\n| {escaped(text)} | x |")
    cells = re.findall("<td>(.*?)</td>", html, re.DOTALL)
    assert len(cells) == 2, html
    assert "<" not in cells[0]
    assert (unescape(cells[0]), cells[1]) == (as_seen(text), "x")


@nasty
def test_code_is_seen_as_it_is(text: str) -> None:
    if seen := as_seen(text):
        assert inner(RENDERER.render(f"- x {code(text)} y"), "<ul>\n<li>x <code>{}</code> y</li>\n</ul>") == seen


@pytest.mark.parametrize("write", [escaped, code])
def test_a_long_text_is_cut_between_characters(write: Callable[[str, int], str]) -> None:
    assert write("ab" * 200, 5).strip("`") == "abab…"


@nasty
def test_a_block_of_code_is_seen_as_it_is(text: str) -> None:
    lines = [plain_text(line) for line in text.split("\n")]
    html = RENDERER.render(code_block(text.split("\n")) + "\n\nafter")
    found = re.fullmatch("<pre><code>(.*)\n</code></pre>\n<p>after</p>\n", html, re.DOTALL)
    assert found, html
    assert unescape(found[1]) == "\n".join(lines)


def test_an_address_is_no_link() -> None:
    assert escaped("see https://a.b, www.c.d or e@f.g") == "see https\\://a.b, www\\.c.d or e\\@f.g"


def test_plain_words_stay_as_they_are() -> None:
    assert escaped("Orders of 2024: paid, shipped (or not) - arvo.orc.order!") == (
        "Orders of 2024: paid, shipped (or not) - arvo.orc.order!"
    )
