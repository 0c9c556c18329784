"""Functions of users, async or not: called so that the event loop goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from activities.calling import call
from arvo_temporal import ArvoApp, workflow_id
from arvo_temporal.client import ArvoClient
from tests.apps import ask, asker_app
from tests.conftest import Serve
from tests.polling import eventually


class Seen:
    """Where things were called, and with what."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, bool]] = []

    def note(self, given: Any) -> None:
        self.calls.append((given, threading.current_thread() is threading.main_thread()))

    def plain(self, given: Any) -> None:
        self.note(given)

    async def coroutine(self, given: Any) -> None:
        await asyncio.sleep(0)
        self.note(given)


class PlainObject(Seen):
    def __call__(self, given: Any) -> None:
        self.note(given)


class AsyncObject(Seen):
    async def __call__(self, given: Any) -> None:
        self.note(given)


@pytest.mark.parametrize(
    ("choose", "on_the_loop"),
    [
        (lambda seen: seen.plain, False),
        (lambda seen: lambda given: seen.plain(given), False),
        (lambda seen: partial(seen.plain), False),
        (lambda seen: seen.coroutine, True),
        (lambda seen: partial(seen.coroutine), True),
        (lambda seen: lambda given: seen.coroutine(given), True),
    ],
    ids=["method", "lambda", "partial", "async method", "async partial", "lambda of a coroutine"],
)
async def test_a_function_runs_where_it_may(choose: Callable[[Seen], Any], on_the_loop: bool) -> None:
    seen = Seen()
    await call(choose(seen), "event")
    assert seen.calls == [("event", on_the_loop)]


@pytest.mark.parametrize(("kind", "on_the_loop"), [(PlainObject, False), (AsyncObject, True)])
async def test_an_object_runs_where_it_may(kind: Any, on_the_loop: bool) -> None:
    seen = kind()
    await call(seen, "event")
    assert seen.calls == [("event", on_the_loop)]


async def test_a_plain_function_leaves_the_loop_free() -> None:
    free = threading.Event()

    def wait(_: str) -> None:
        assert free.wait(10), "the loop is blocked"

    await asyncio.gather(call(wait, "event"), asyncio.to_thread(free.set))


async def test_what_a_plain_function_raises_arrives() -> None:
    def fail(_: str) -> None:
        raise ConnectionError("nobody there")

    with pytest.raises(ConnectionError, match="nobody there"):
        await call(fail, "event")


async def test_a_publisher_may_be_a_plain_function(serve: Serve) -> None:
    seen = Seen()

    async def seen_calls() -> list[tuple[Any, bool]]:
        return seen.calls

    app: ArvoApp = asker_app(publishers={"delphi": seen.plain})
    async with serve(app) as client:
        assert isinstance(client, ArvoClient)
        question = ask("who?", "delphi")
        await client.execute(question)
        await eventually(seen_calls, bool)
        await client.client.get_workflow_handle(workflow_id(question.subject)).terminate()
    ((event, on_the_loop),) = seen.calls
    assert (event.type, on_the_loop) == ("com.oracle.ask", False)
