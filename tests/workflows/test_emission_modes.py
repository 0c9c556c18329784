"""How events leave: as activities or as local ones, and those of one step side by side."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType

from adapter.identity import workflow_id
from adapter.policies import EmissionMode
from arvo import (
    ArvoEvent,
    ArvoEventHandler,
    HandlerOutput,
    assign,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, EmissionPolicy
from tests.apps import Answer, Question, ask, asker_app, oracle_contract
from tests.conftest import Serve
from tests.polling import PATIENCE

_ASK = emit(lambda: {"type": "com.oracle.ask", "data": {"domain": None, "text": "Rain"}})
_NOTE = assign(lambda context, event: {"texts": [*context["texts"], event.type]})
panel_contract = create_arvo_orchestrator_contract(
    uri="#/test/panel", name="panel", versions={"1.0.0": {"init": Question, "complete": Answer}}
)
panel_machine = setup_arvo_machine(
    contracts={"self": panel_contract.version("1.0.0"), "services": {"oracle": oracle_contract.version("1.0.0")}},
).create_machine(
    {
        "id": "panel",
        "context": {"texts": []},
        "initial": "asking",
        "states": {
            "asking": {
                "entry": [_ASK, _ASK],
                "on": {
                    "evt.oracle.ask.success": {"actions": _NOTE},
                    "sys.com.oracle.ask.error": {"actions": _NOTE},
                },
                "always": {"guard": lambda context: len(context["texts"]) == 2, "target": "over"},
            },
            "over": {"type": "final"},
        },
        "output": lambda context: {"text": " ".join(context["texts"])},
    }
)


def oracle(handler: Any) -> ArvoEventHandler:
    return create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": handler})


def yes(event: ArvoEvent) -> HandlerOutput:
    return {"type": "evt.oracle.ask.success", "data": {"text": "Yes"}}


@pytest.mark.parametrize("mode", ["activity", "local"])
async def test_events_of_one_step_leave_side_by_side(serve: Serve, mode: EmissionMode) -> None:
    both_are_there = asyncio.Barrier(2)

    async def meet(event: ArvoEvent) -> HandlerOutput:
        await asyncio.wait_for(both_are_there.wait(), PATIENCE)
        return yes(event)

    app = ArvoApp(
        orchestrators=[create_arvo_orchestrator(executionunits=1, machines=[panel_machine])],
        handlers=[oracle(meet)],
        policies={"com.oracle.ask": EmissionPolicy(mode=mode, timeout=timedelta(seconds=20))},
    )
    init = create_arvo_orchestrator_event_factory(panel_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "text": "Rain", "domain": None}
    )
    async with serve(app) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
    assert record["state"]["output"]["text"] == "evt.oracle.ask.success evt.oracle.ask.success"


async def test_a_local_emission_costs_one_event_of_history(serve: Serve) -> None:
    async def history_of(mode: EmissionMode) -> list[str]:
        init = ask("Rain")
        async with serve(asker_app(handlers=[oracle(yes)], policy=EmissionPolicy(mode=mode))) as client:
            await client.deliver(init)
            await client.result(init.subject)
            history = await client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history()
        return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]

    ordinary, local = await history_of("activity"), await history_of("local")
    assert [name for name in local if not name.startswith("WORKFLOW_")] == ["MARKER_RECORDED"]
    assert len(ordinary) - len(local) == 5
