"""A resumable that works in turns and writes down what it does, for processes that are killed in a call."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from arvo import ArvoEvent, Progress, ResumableOutput
from arvo.surroundings import current
from arvo_temporal import EmissionPolicy
from tests.resumables import function_app

NOTES = "LOOPS_NOTES"
"""The environment variable that names the file of the notes."""

TURNS = 5
HANGS_AT = 3
"""The turn in which the first try stays for good."""

_FOREVER = 3600


def note(line: str) -> None:
    """Write a line, so that it is there whatever becomes of this process."""
    with Path(os.environ[NOTES]).open("a") as file:
        file.write(line + "\n")


async def work(input: ArvoEvent | None, progress: Progress) -> ResumableOutput:
    """Ask for something after five turns, and complete with the answer."""
    if input is None:
        return {"output": {"total": TURNS, "seen": []}}
    note(f"try {current().new_id()}")
    for turn in range(progress.last or 0, TURNS):
        if turn == HANGS_AT and progress.last is None:
            await asyncio.sleep(_FOREVER)
        note(f"turn {turn}")
        await progress.save(turn + 1)
    return {"services": [{"type": "com.tally.ask", "data": {"goal": 1}, "domain": ["outside"]}]}


def work_on_a_thread(input: ArvoEvent | None, progress: Progress) -> ResumableOutput:
    """Do the same without waiting for anything."""
    if input is None:
        return {"output": {"total": TURNS, "seen": []}}
    note(f"try {current().new_id()}")
    for turn in range(progress.last or 0, TURNS):
        if turn == HANGS_AT and progress.last is None:
            time.sleep(_FOREVER)
        note(f"turn {turn}")
        progress.save(turn + 1)
    return {"services": [{"type": "com.tally.ask", "data": {"goal": 1}, "domain": ["outside"]}]}


async def outside(request: ArvoEvent) -> None:
    """Take a request."""
    note(f"request {request.id}")


POLICY = EmissionPolicy(timeout="1 minute", heartbeat="2 seconds")
waiting = function_app(work, POLICY, publishers={"outside": outside})
blocking = function_app(work_on_a_thread, POLICY, publishers={"outside": outside})
