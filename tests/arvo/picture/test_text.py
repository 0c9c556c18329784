"""A text is as wide in the layout as where it is drawn, and breaks where names have their joints."""

from __future__ import annotations

import zlib
from itertools import pairwise

import pytest

from arvo.picture import to_png
from arvo.picture.text import Weight, width, wrapped

BLACK = b"\x00\x00\x00\xff"


@pytest.mark.parametrize("text", ["HHHHHHHHHH", "AVAVAVAVTo.Ty", "evt.stock.reserved → H", "Ünïcödé Ωμέγα Привет H"])
@pytest.mark.parametrize("weight", ["400", "600"])
def test_a_text_is_as_wide_in_an_image_as_in_the_layout(text: str, weight: Weight) -> None:
    expected = width(text, 40, weight)
    first, last = ink(f"|{text}|", weight)
    bars = width("|", 40, weight)
    assert last - first == pytest.approx(expected + bars, abs=2)


def ink(text: str, weight: str) -> tuple[int, int]:
    """Return the first column with ink, and that of the last letter, of a text 40 pixels high."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="60"><rect width="900" height="60" fill="#fff"/>'
        f'<text x="10" y="45" font-family="Inter" font-size="40" font-weight="{weight}">{text}</text></svg>'
    )
    rows = pixels(to_png(svg, 1))
    dark = [x for x in range(900) if any(row[4 * x] < 128 for row in rows)]
    jumps = [after for before, after in pairwise(dark) if after > before + 1]
    return dark[0], jumps[-1]


def pixels(png: bytes) -> list[bytes]:
    """Return the rows of an image of 8-bit RGBA, as PNG packs them."""
    data, at = b"", 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += size + 12
    wide = int.from_bytes(png[16:20], "big") * 4
    raw, rows, above = zlib.decompress(data), [], bytes(wide)
    for start in range(0, len(raw), wide + 1):
        above = unfiltered(raw[start], raw[start + 1 : start + 1 + wide], above)
        rows.append(above)
    return rows


def unfiltered(kind: int, row: bytes, above: bytes) -> bytes:
    """Undo what PNG does to a row before it is packed."""
    out = bytearray(row)
    for index in range(len(out)):
        left = out[index - 4] if index >= 4 else 0
        corner = above[index - 4] if index >= 4 else 0
        guess = (0, left, above[index], (left + above[index]) // 2, paeth(left, above[index], corner))[kind]
        out[index] = (out[index] + guess) % 256
    return bytes(out)


def paeth(left: int, up: int, corner: int) -> int:
    near = left + up - corner
    return min((left, up, corner), key=lambda one: abs(near - one))


def test_a_short_text_is_one_line() -> None:
    assert wrapped("evt.stock.reserved", 12, 260) == ("evt.stock.reserved",)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("com.example.approvals.confirmed", ("com.example.", "approvals.", "confirmed")),
        ("waiting_for_the_second_approver", ("waiting_for_the_", "second_approver")),
        ("waitingForTheSecondApprover", ("waitingForThe", "SecondApprover")),
        ("a text with spaces in it, for you", ("a text with", "spaces in it, for", "you")),
        ("x" * 30, ("x" * 15, "x" * 15)),
    ],
)
def test_a_long_text_breaks_where_names_have_their_joints(text: str, lines: tuple[str, ...]) -> None:
    assert wrapped(text, 12, 100) == lines
    assert all(width(line, 12) <= 100 for line in lines)


def test_a_name_of_any_length_breaks_in_time_that_grows_with_it() -> None:
    lines = wrapped("x" * 50_000, 12, 260)
    assert "".join(lines) == "x" * 50_000
    assert len({len(line) for line in lines[:-1]}) == 1


def test_a_full_width_letter_takes_an_em_and_an_accent_no_room() -> None:
    assert width("订单", 12) == 24
    assert width("e\u0301", 12) == width("e", 12)
