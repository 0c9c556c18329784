"""Colours that can be told apart from what is behind them."""

from __future__ import annotations

import pytest

from arvo.picture.theme import THEMES

READABLE = 4.5
VISIBLE = 3.0
"""Least contrasts of texts and of lines, by WCAG 2.2."""


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("behind", ["ground", "box", "bar", "inner", "pill", "chip", "lit"])
@pytest.mark.parametrize("text", ["ink", "quiet"])
def test_texts_are_readable(theme: str, behind: str, text: str) -> None:
    assert contrast(THEMES[theme][text], THEMES[theme][behind]) >= READABLE


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("line", ["edge", "line", "litedge", "open", "path", "added", "removed", "changed", "find"])
def test_lines_and_badges_are_visible(theme: str, line: str) -> None:
    for behind in ("ground", "box", "inner"):
        assert contrast(THEMES[theme][line], THEMES[theme][behind]) >= VISIBLE


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("badge", ["path", "added", "removed", "changed", "find"])
def test_signs_on_badges_are_readable(theme: str, badge: str) -> None:
    assert contrast(THEMES[theme][badge], THEMES[theme]["ground"]) >= READABLE
