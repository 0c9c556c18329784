"""Waiting for the first of several works, and through a cancellation."""

from __future__ import annotations

import asyncio

import pytest

from arvo_temporal.tasks import first_completed, uninterrupted


async def test_when_the_first_has_ended_the_others_are_cancelled_and_have_cleaned_up() -> None:
    said: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            said.append("cleaned up")

    await first_completed(asyncio.sleep(0), slow(), slow())
    assert said == ["cleaned up"] * 2


async def test_what_the_first_raises_is_raised() -> None:
    async def fail() -> None:
        raise KeyError("first")

    with pytest.raises(KeyError, match="first"):
        await first_completed(asyncio.sleep(60), fail())


async def test_a_cancellation_cancels_all_of_them() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        began.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    waiting = asyncio.create_task(first_completed(slow(), asyncio.sleep(60)))
    await began.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended.is_set()


async def test_a_cancellation_waits_for_what_is_not_to_be_interrupted() -> None:
    go, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go.wait()
        done.set()

    waiting = asyncio.create_task(uninterrupted(work()))
    for _ in range(3):
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done.is_set()


async def test_what_is_not_interrupted_ends_and_fails_as_it_would() -> None:
    await uninterrupted(asyncio.sleep(0))
    with pytest.raises(KeyError):
        await uninterrupted(fails())


async def fails() -> None:
    raise KeyError
