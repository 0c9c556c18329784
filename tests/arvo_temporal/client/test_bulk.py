"""Something is done to many orchestrations: a few at a time, each to its own end."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from arvo_temporal.client import Each, for_each


async def test_so_many_at_once_and_no_more() -> None:
    under_way, most = 0, 0

    async def work(identity: str) -> str:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(3):
            await asyncio.sleep(0)
        under_way -= 1
        return identity.upper()

    ids = [f"id-{number}" for number in range(20)]
    done = [each async for each in for_each(ids, work, at_once=4)]
    assert most == 4
    assert sorted(each.result or "" for each in done) == sorted(identity.upper() for identity in ids)


async def test_one_that_fails_stops_no_other() -> None:
    async def work(identity: str) -> str:
        if identity == "b":
            raise ValueError("no")
        return identity

    done: dict[str, Each[str]] = {each.workflow_id: each async for each in for_each(["a", "b", "c"], work)}
    assert {identity: each.result for identity, each in done.items()} == {"a": "a", "b": None, "c": "c"}
    assert str(done["b"].error) == "no"


async def test_once_it_is_to_stop_nothing_more_begins_and_what_is_under_way_ends() -> None:
    stop, begun = asyncio.Event(), list[str]()

    async def work(identity: str) -> str:
        begun.append(identity)
        stop.set()
        await asyncio.sleep(0)
        return identity

    done = [each.workflow_id async for each in for_each(["a", "b", "c", "d"], work, stop=stop, at_once=2)]
    assert sorted(done) == sorted(begun) == ["a", "b"]


async def test_who_asks_for_no_more_leaves_nothing_behind() -> None:
    ended = list[str]()

    async def work(identity: str) -> str:
        try:
            if identity != "a":
                await asyncio.Event().wait()
            return identity
        finally:
            ended.append(identity)

    async with aclosing(for_each(["a", "b", "c"], work, at_once=3)) as results:
        async for _ in results:
            break
    assert sorted(ended) == ["a", "b", "c"]
