"""An orchestration outlives any number of runs of its workflow."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus

from arvo import (
    ArvoEvent,
    ResumableOutput,
    assign,
    create_arvo_event_factory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, Limits, workflow_id
from tests.adversity.in_process import InProcess, event_payload
from tests.apps import Goal, Total, counted, counter_contract, start_count, tally_contract
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import (
    Kind,
    as_machine_and_function,
    counter_app,
    in_each_kind,
    orchestrator_of,
    output_of,
    policies_of,
)
from workflows import pace


@as_machine_and_function
async def test_a_count_goes_on_over_many_runs(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=200)
    events = [counted(init.subject) for _ in range(200)]
    async with serve(counter_app(Limits(deliveries_per_run=40), kind=kind)) as client:
        await client.deliver(init)
        for event in events[:100]:
            await client.deliver(event)
        for event in events[100:]:
            await client.execute(event)
        record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
        runs = [run async for run in client.client.list_workflows(f"WorkflowId = '{workflow_id(init.subject)}'")]
    assert output_of(record)["total"] == 200
    assert ledger.counts == {"applied": 201}
    assert sum(run.status is WorkflowExecutionStatus.CONTINUED_AS_NEW for run in runs) >= 3


@in_each_kind
async def test_an_event_is_a_duplicate_in_a_later_run_too(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=12)
    events = [counted(init.subject) for _ in range(11)]
    async with serve(counter_app(Limits(deliveries_per_run=5), kind=kind)) as client:
        for event in (init, *events, events[0]):
            await client.deliver(event)
        await client.deliver(counted(init.subject))
        record = await client.result(init.subject)
        ledger = await client.ledger(init.subject)
    assert output_of(record)["total"] == 12
    assert ledger.counts == {"applied": 13, "duplicate": 1}


@in_each_kind
def test_a_run_ends_where_its_steps_have_made_it_long_though_nothing_more_arrives(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four events come to the first run; the history of each run is said to be long from its beginning."""
    monkeypatch.setattr(pace, "_STRETCH", 0.0)
    init = start_count(goal=4)
    run = InProcess(counter_app(Limits(deliveries_per_run=5), kind=kind), init)
    run.history_bytes = 50 * 1024 * 1024
    run.signal(("deliver_all", [event_payload(counted(init.subject)) for _ in range(4)]))
    while run.is_calling:
        run.call()
    assert output_of(run.result)["total"] == 4
    assert run.runs >= 4


@as_machine_and_function
async def test_children_and_timers_stay_open_over_runs_of_fifty_events(serve: Serve, kind: Kind) -> None:
    init = create_arvo_orchestrator_event_factory(vigil_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "goal": 170}
    )
    ticks = [
        create_arvo_event_factory(tally_contract.version("1.0.0")).emits(
            type="evt.tally.counted", source="com.tally.ask", subject=init.subject, to="arvo.orc.vigil", data={"by": 1}
        )
        for _ in range(170)
    ]
    app = ArvoApp(
        orchestrators=[
            create_arvo_orchestrator(executionunits=1, machines=[vigil_machine])
            if kind == "machine"
            else vigil_resumable,
            orchestrator_of("arvo.orc.counter", kind),
        ],
        policies=policies_of("arvo.orc.vigil", kind),
        limits=Limits(deliveries_per_run=50),
    )
    async with serve(app) as client:
        (nested,) = (await client.execute(init)).events
        for tick in ticks:
            await client.execute(tick)
        await eventually(lambda: client.deliver(counted(nested.subject, 2)), lambda result: result.accepted)
        record = await client.result(init.subject)
        runs = [run async for run in client.client.list_workflows(f"WorkflowId = '{workflow_id(init.subject)}'")]
    assert output_of(record) == {"total": 170, "seen": [2, 1] if kind == "machine" else [2]}
    assert sum(run.status is WorkflowExecutionStatus.CONTINUED_AS_NEW for run in runs) == 3


vigil_contract = create_arvo_orchestrator_contract(
    uri="#/test/vigil", name="vigil", versions={"1.0.0": {"init": Goal, "complete": Total}}
)
vigil_machine = setup_arvo_machine(
    contracts={
        "self": vigil_contract.version("1.0.0"),
        "services": {"counter": counter_contract.version("1.0.0"), "tally": tally_contract.version("1.0.0")},
    },
    actions={
        "begin": emit(
            lambda context: {
                "type": "arvo.orc.counter",
                "data": {"parentSubject$$": context["subject"], "goal": 2},
            }
        ),
        "tick": assign(lambda context: {"ticks": context["ticks"] + 1}),
        "ring": assign(lambda context: {"rings": context["rings"] + 1}),
        "answer": assign(lambda event: {"answer": event.data["total"]}),
    },
).create_machine(
    {
        "id": "vigil",
        "context": lambda input: {"subject": input.subject, "ticks": 0, "rings": 0, "answer": 0},
        "initial": "watching",
        "states": {
            "watching": {
                "type": "parallel",
                "on": {"evt.tally.counted": {"actions": "tick"}},
                "states": {
                    "child": {
                        "initial": "open",
                        "states": {
                            "open": {
                                "entry": "begin",
                                "on": {"arvo.orc.counter.done": {"target": "ended", "actions": "answer"}},
                            },
                            "ended": {"type": "final"},
                        },
                    },
                    "timer": {
                        "initial": "open",
                        "states": {
                            "open": {"after": {4000: {"target": "ended", "actions": "ring"}}},
                            "ended": {"type": "final"},
                        },
                    },
                },
                "onDone": "over",
            },
            "over": {"type": "final"},
        },
        "output": lambda context: {"total": context["ticks"], "seen": [context["answer"], context["rings"]]},
    }
)
"""A machine that counts ticks while a child and a timer of four seconds are open."""


def watch(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
    """Count ticks while a child is open, as the function of a resumable: it has no timers."""
    if input is not None:
        child = {"type": "arvo.orc.counter", "data": {"parentSubject$$": input.subject, "goal": 2}}
        return {"context": {"ticks": 0}, "services": [child]}
    assert service is not None
    if service.type == "arvo.orc.counter.done":
        return {"output": {"total": context["ticks"], "seen": [service.data["total"]]}}
    return {"context": {"ticks": context["ticks"] + 1}}


vigil_resumable = create_arvo_resumable(
    contracts={
        "self": vigil_contract,
        "services": {"counter": counter_contract.version("1.0.0"), "tally": tally_contract.version("1.0.0")},
    },
    handler={"1.0.0": watch},
)
