"""Emissions beyond a bound wait their turn, in the order in which they were produced."""

from __future__ import annotations

import asyncio

import pytest

from workflows import departures
from workflows.departures import Departures


async def under_way(waiting: Departures, *sizes: int) -> list[int]:
    """Begin emissions of these sizes, and return the list into which each goes as its turn comes."""
    begun: list[int] = []

    async def begin(size: int) -> None:
        await waiting.begin(size)
        begun.append(size)

    tasks.extend(asyncio.create_task(begin(size)) for size in sizes)
    await settled()
    return begun


tasks: list[asyncio.Task[None]] = []


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_so_many_are_under_way_and_the_next_ones_follow_in_order() -> None:
    waiting = Departures(2)
    begun = await under_way(waiting, 1, 2, 3, 4)
    assert begun == [1, 2]
    waiting.end(2)
    await settled()
    assert begun == [1, 2, 3]
    waiting.end(1)
    await settled()
    assert begun == [1, 2, 3, 4]


async def test_once_they_are_stopped_nothing_more_gets_its_turn() -> None:
    waiting = Departures(1)
    begun = await under_way(waiting, 1, 2)
    waiting.stop()
    waiting.end(1)
    await settled()
    assert begun == [1]
    assert await under_way(waiting, 3) == []


async def test_so_many_bytes_are_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "_BYTES_AT_ONCE", 10)
    waiting = Departures(9)
    begun = await under_way(waiting, 6, 5, 1)
    assert begun == [6]
    waiting.end(6)
    await settled()
    assert begun == [6, 5, 1]


async def test_what_is_larger_than_that_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "_BYTES_AT_ONCE", 10)
    waiting = Departures(9)
    begun = await under_way(waiting, 20, 1)
    assert begun == [20]
    waiting.end(20)
    await settled()
    assert begun == [20, 1]
