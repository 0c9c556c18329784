"""`python -m tests.walk`: takes the walk, and writes docs/operating.md and its pictures."""

from __future__ import annotations

import asyncio
from pathlib import Path

from arvo_temporal import run_command
from tests.walk.page import PAGE, PICTURES, write
from tests.walk.walk import WALK
from tests.walk.walking import take


async def main(_stop: asyncio.Event) -> int:
    """Take the walk, and write the page."""
    paragraphs = await take(WALK, PICTURES)
    write(paragraphs)
    print(f"{Path(PAGE).name} has {len(paragraphs)} paragraphs.")
    return 0


if __name__ == "__main__":
    run_command(main)
