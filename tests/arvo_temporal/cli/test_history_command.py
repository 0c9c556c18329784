"""`arvo-temporal history`, as a process."""

from __future__ import annotations

import json
import re

import pytest

from arvo_temporal import Limits, OrchestrationFailedError
from arvo_temporal.dev_server.server import DevServer
from tests.alarm import alarm_app, arm
from tests.apps import counted, counter_app, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.conftest import Serve
from tests.orders_under_way import answer, in_state, order_app, order_named


async def history(server: DevServer, *arguments: str) -> tuple[int, str]:
    environment = {"TEMPORAL_ADDRESS": server.address, "COLUMNS": "80"}
    return await run(*ARVO_TEMPORAL, "history", *arguments, environment=environment)


async def test_each_step_says_what_it_took_and_what_came_of_it(server: DevServer, serve: Serve) -> None:
    init = order_named("06-not-approved")
    async with serve(order_app()) as client:
        await client.deliver(init)
        await in_state(client, init.subject, "approving")
        await client.execute(answer(init, "evt.approval.decided", {"approved": False, "by": "me"}))
        await client.result(init.subject)
    code, said = await history(server, init.subject, "--app", "examples.orders.app:app")
    assert code == 0, said
    assert all(len(line) <= 80 for line in said.splitlines())
    blocks = re.split(r"\n(?= {1,2}\d)", said.strip())
    assert blocks[0].splitlines()[1:] == [
        "     in securing.stock.reserving, securing.payment.authorizing",
        "     sends com.stock.reserve",
        "     sends com.payment.authorize",
    ]
    decided = next(block for block in blocks if "evt.approval.decided" in block)
    assert re.match(r"\d+  .+ later  evt\.approval\.decided\n", decided.strip())
    assert decided.splitlines()[1:] == [
        "     approving → undoing",
        "     sends com.stock.release",
        "     sends com.payment.void",
    ]
    assert "     securing → approving [needs_approval], done" in said
    assert "     undoing → rejected [is_undone], always" in said


async def test_in_json_it_is_a_line_for_each_step(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=2)
    async with serve(counter_app(Limits(deliveries_per_run=2))) as client:
        for event in (init, counted(init.subject), counted(init.subject)):
            await client.execute(event)
    code, said = await history(server, init.subject, "--app", "tests.apps:app", "--json", "--times", "iso")
    assert code == 0, said
    steps = [json.loads(line) for line in said.splitlines()]
    assert [step["record"]["state"]["context"]["total"] for step in steps] == [0, 1, 2]
    assert [step["seconds"] is None for step in steps] == [True, False, False]
    assert steps[2]["transitions"][1] == {
        "source": "counting",
        "event": "always",
        "guard": "is_over",
        "targets": ["over"],
        "path": "states.counting.always",
    }
    assert steps[2]["produced"][0]["type"] == "arvo.orc.counter.done"


async def test_a_failure_is_told(server: DevServer, serve: Serve) -> None:
    init = start_count(goal=2)
    async with serve(counter_app()) as client:
        await client.execute(init)
        await client.deliver(counted(init.subject, by=-1))
        with pytest.raises(OrchestrationFailedError):
            await client.result(init.subject)
    code, said = await history(server, init.subject, "--app", "tests.apps:app")
    assert code == 0
    assert "(failed)" in said
    assert "failed with ArithmeticError: the count is broken" in said


async def test_a_timer_is_an_event_with_a_name(server: DevServer, serve: Serve) -> None:
    init = arm(patience=50)
    async with serve(alarm_app()) as client:
        await client.execute(init)
        await in_state(client, init.subject, "ringing")
    code, said = await history(server, init.subject, "--app", "tests.alarm:app")
    assert code == 0, said
    assert "armed after" in said
