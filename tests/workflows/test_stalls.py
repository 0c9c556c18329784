"""A worker that stands still for seconds, as one does that gets no processor: what it has in hand goes on."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from temporalio.common import RetryPolicy

from adapter.dead_letters import DeadLetter
from adapter.summaries import one_line
from arvo_temporal import ArvoApp, EmissionPolicy
from tests import tape
from tests.conftest import Serve
from tests.flood import deliver, send
from tests.histories import all_have_ended
from tests.polling import PATIENCE, eventually
from tests.resumables import Kind, in_the_workflow, output_of

_LETTERS = 200


@in_the_workflow
async def test_a_step_that_stalls_is_never_interrupted_and_made_again(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    """Temporal's SDK fails a workflow task after two seconds, and then raises an exception in its thread."""
    read, begun, interrupted = tape.read, list[int](), list[BaseException]()

    def stall_once(state: dict[str, Any], symbol: int) -> dict[str, int]:
        begun.append(symbol)
        if len(begun) == 1:
            try:
                stand_still(seconds=3)
            except BaseException as error:
                interrupted.append(error)
                raise
        return read(state, symbol)

    init = tape.start_tape(2)
    async with serve(tape.tape_app(kind=kind)) as client, asyncio.timeout(PATIENCE):
        await client.execute(init)
        monkeypatch.setattr(tape, "read", stall_once)
        await client.deliver(tape.symbol(init.subject, 1))
        await client.deliver(tape.symbol(init.subject, 2))
        record = await client.result(init.subject)
    assert output_of(record)["total"] == 3
    assert interrupted == []
    assert begun.count(1) >= 2


async def test_what_a_stalled_task_has_begun_is_done_by_the_next(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK evicts a workflow while its task still runs, here an outbox: it begins all that it has at once."""
    begun, letters, is_down = list[str](), list[DeadLetter](), True

    def summary_that_takes_long(text: str) -> str:
        begun.append(text)
        time.sleep(0.015 if len(begun) <= _LETTERS else 0)
        return one_line(text)

    async def publish(letter: DeadLetter) -> None:
        assert not is_down
        letters.append(letter)

    soon = EmissionPolicy(retry=RetryPolicy(backoff_coefficient=1.0))
    orchestrators, init = list(tape.tape_app().orchestrators.values()), tape.start_tape(1)
    app = ArvoApp(orchestrators=orchestrators, dead_letters=publish, policies={"arvo.deadletter": soon})
    wrong = [replace(tape.symbol(init.subject, 0), data={"symbol": "none"}) for _ in range(_LETTERS)]
    async with serve(app) as client, asyncio.timeout(PATIENCE):
        await client.execute(init)
        await send(partial(deliver, client), wrong)
        monkeypatch.setattr("workflows.dead_letters.one_line", summary_that_takes_long)
        await client.execute(tape.symbol(init.subject, 1))
        await client.result(init.subject)
        await eventually(lambda: number_of(begun), lambda number: number > _LETTERS)
        is_down = False
        await all_have_ended(client, app)
    assert {letter.event_id for letter in letters} == {event.id for event in wrong}


async def number_of(things: list[str]) -> int:
    return len(things)


def stand_still(seconds: float) -> None:
    """Take so long, and let an exception of another thread come through at any time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.01)
