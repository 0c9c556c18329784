"""Where code takes its ids and its time from: what it is told, for as long as the block runs."""

from __future__ import annotations

from collections.abc import Generator
from contextvars import copy_context
from types import coroutine

from arvo.surroundings import Surroundings, current, use

OTHERS = Surroundings(new_id=lambda: "one")


@coroutine
def pause() -> Generator[None, None, None]:
    yield


async def in_others() -> None:
    with use(OTHERS):
        await pause()


def test_they_hold_for_the_block() -> None:
    before = current()
    with use(OTHERS):
        assert current().new_id() == "one"
    assert current() is before


def test_a_coroutine_that_is_thrown_away_in_another_context_ends_without_an_error() -> None:
    before, running = current(), in_others()
    copy_context().run(running.send, None)
    running.close()
    assert current() is before
