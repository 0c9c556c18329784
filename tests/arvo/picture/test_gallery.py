"""The pictures of the documentation are what the present code draws."""

from __future__ import annotations

import re

import pytest

from tests.arvo.picture.gallery import FOLDER, PICTURES

CURE = "python -m tests.arvo.picture.gallery"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_up_to_date(name: str) -> None:
    drawn = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert drawn == PICTURES[name](), f"docs/pictures/{name}.svg is out of date: {CURE}"


def test_there_are_no_others_and_each_is_shown() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(PICTURES), CURE
    pages = [*FOLDER.parent.glob("*.md"), FOLDER.parents[1] / "README.md"]
    shown = {name for page in pages for name in re.findall(r"pictures/([\w-]+)\.svg", page.read_text("utf-8"))}
    assert set(PICTURES) == shown
