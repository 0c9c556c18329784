"""The walk through a bad day ends well each time, and the page tells of this one."""

from __future__ import annotations

from pathlib import Path

from tests.walk.page import commands, words
from tests.walk.passages import Ran, Said, Seen
from tests.walk.walk import WALK
from tests.walk.walking import take


async def test_the_bad_day_ends_well(tmp_path: Path) -> None:
    await take(WALK, tmp_path)
    assert all((tmp_path / f"{seen.name}.png").exists() for seen in WALK if isinstance(seen, Seen))


def test_the_page_tells_of_this_walk() -> None:
    assert commands() == [passage.command for passage in WALK if isinstance(passage, Ran)]
    assert [passage.text for passage in WALK if isinstance(passage, Said) and passage.text not in words()] == []
