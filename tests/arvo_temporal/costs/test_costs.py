"""What orchestrations cost: the forecast of a path against the history of those that took it."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from temporalio.api.common.v1 import MeteringMetadata, WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import (
    ActivityTaskStartedEventAttributes,
    HistoryEvent,
    MarkerRecordedEventAttributes,
    WorkflowExecutionStartedEventAttributes,
    WorkflowTaskCompletedEventAttributes,
    WorkflowTaskFailedEventAttributes,
)
from temporalio.client import WorkflowHistory

from adapter.policies import EmissionMode
from arvo import (
    ArvoEvent,
    ResumableOutput,
    assign,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_resumable,
    emit,
    raise_,
)
from arvo_temporal import ArvoApp, EmissionPolicy, Fate, LedgerSnapshot, Limits
from arvo_temporal.cli.cost import _print_forecast
from arvo_temporal.costs import Forecast, PathForecast, Range, Spent, forecast, spent
from arvo_temporal.dev_server.server import DevServer
from examples.number_modifier.app import app as number_app
from examples.orders.approvals import ApprovalDesk
from tests import metered, resumables
from tests.alarm import alarm_app, alarm_machine, arm, button
from tests.apps import ask, counted, counter_app, counter_machine, oracle_contract, start_count, supervise
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.arvo_temporal.costs import probes
from tests.arvo_temporal.costs.probes import ask as asks
from tests.arvo_temporal.costs.probes import said
from tests.conftest import Serve
from tests.orders_under_way import in_state, order_app, order_named
from tests.polling import eventually
from tests.resumables import Kind

DAY_MS = 24 * 60 * 60 * 1000


async def asked(desk: ApprovalDesk) -> ArvoEvent | None:
    return next(iter(desk.waiting.values()), None)


def has_applied(count: int, ledger: LedgerSnapshot) -> bool:
    return ledger.counts.get(Fate.APPLIED) == count


def path_of(found: Forecast, *states: str) -> PathForecast:
    return next(path for path in found.paths if path.states == states)


def costs_as_forecast(real: Spent, path: PathForecast) -> None:
    assert real.events in path.events, (real, path)
    assert real.actions in path.actions, (real, path)
    assert real.by_type.get("activity_task_scheduled", 0) in path.activities
    assert real.by_type["workflow_task_completed"] in path.tasks


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("01-one-parcel", ("securing", "shipping", "fulfilled")),
        ("05-approved", ("securing", "approving", "shipping", "fulfilled")),
    ],
)
async def test_orders_cost_what_the_forecast_of_their_path_says(
    serve: Serve, name: str, states: tuple[str, ...]
) -> None:
    init, desk = order_named(name), ApprovalDesk()
    app = order_app(desk)
    async with serve(app) as client:
        await client.deliver(init)
        if "approving" in states:
            await in_state(client, init.subject, "approving")
            request = await eventually(partial(asked, desk), lambda seen: seen is not None)
            assert request is not None
            await client.deliver(desk.decide(request))
        await client.result(init.subject)
        real = await client.cost(init.subject)
    found = forecast(app, app.machines[0])
    assert found.complete
    costs_as_forecast(real, path_of(found, *states))


async def test_a_timer_that_fires_and_one_that_is_cancelled_cost_the_same(serve: Serve) -> None:
    init, app = arm(patience=DAY_MS), alarm_app()
    async with serve(app) as client:
        await client.deliver(init)
        await in_state(client, init.subject, "armed")
        await client.deliver(button(init.subject, "held"))
        await in_state(client, init.subject, "faulty")
        await client.deliver(button(init.subject, "pressed"))
        await client.result(init.subject)
        real = await client.cost(init.subject)
    assert real.by_kind == {"timer": 2, "signal": 2, "start": 1}
    costs_as_forecast(real, path_of(forecast(app, alarm_machine), "armed", "faulty", "over"))


async def test_turns_of_a_loop_add_what_is_said(serve: Serve) -> None:
    init, app = start_count(goal=3), counter_app()
    async with serve(app) as client:
        await client.deliver(init)
        for total in (1, 2):
            await client.deliver(counted(init.subject))
            await eventually(lambda: client.ledger(init.subject), partial(has_applied, total + 1))
        await client.deliver(counted(init.subject))
        await client.result(init.subject)
        real = await client.cost(init.subject)
    found = forecast(app, counter_machine)
    (turn,) = found.turns
    assert (turn.state, turn.event) == ("counting", "evt.tally.counted")
    path = path_of(found, "counting", "over")
    assert real.events in Range(path.events.least + 2 * turn.events.least, path.events.most + 2 * turn.events.most)
    assert real.actions in Range(path.actions.least + 2 * turn.actions.least, path.actions.most + 2 * turn.actions.most)


async def test_a_service_call_costs_eleven_events_and_less_within_a_task() -> None:
    shipment = next(machine for machine in order_app().machines if machine.source == "arvo.orc.shipment")
    for path in forecast(order_app(), shipment).paths:
        assert (path.events, path.actions) == (Range(11, 11), Range(2, 2))
    app = order_app()
    local = ArvoApp(
        orchestrators=app.orchestrators.values(),
        handlers=app.handlers.values(),
        policies={"com.carrier.book": EmissionPolicy(mode="local")},
    )
    for path in forecast(local, shipment).paths:
        assert (path.events, path.actions, path.activities) == (Range(6, 6), Range(2, 2), Range(0, 0))


def _over(**states: Any) -> dict[str, Any]:
    """Return a config of states, the first of which is initial, that ends in `over`."""
    return {"initial": next(iter(states)), "states": {**states, "over": {"type": "final"}}}


CASES: dict[str, dict[str, Any]] = {
    "a delayed raise": _over(
        a={"entry": raise_({"type": "later"}, delay=20), "on": {"later": "b"}},
        b={"entry": raise_({"type": "later"}, delay=DAY_MS), "after": {DAY_MS: "over"}, "always": "c"},
        c={"entry": asks("one"), "on": {said("one"): "over"}},
    ),
    "domains": _over(
        a={"entry": [asks("outside", domain="x"), asks("one", domain=["y", None, "y"])], "on": {said("one"): "over"}}
    ),
    "requests of the last step": {
        **_over(a={"entry": asks("one"), "on": {said("one"): {"target": "over", "actions": asks("two")}}}),
        "exit": asks("outside", domain="x"),
    },
    "a request that is overtaken": _over(a={"entry": [asks("one"), asks("two")], "on": {said("one"): "over"}}),
    "nested ones, with a parent and without": _over(
        a={"entry": [probes.nest, probes.unparented], "on": {probes.NESTED: "over"}},
    ),
    "what nobody takes": _over(a={"entry": asks("outside"), "on": {"sys.com.probe.outside.error": "over"}}),
}


async def real_cost(serve: Serve, app: ArvoApp) -> Spent:
    """Run a probe to its end, and return what it has cost."""
    init = probes.init()
    async with serve(app) as client:
        await client.deliver(init)
        await client.result(init.subject)
        return await client.cost(init.subject)


@pytest.mark.parametrize("mode", ["activity", "local"])
@pytest.mark.parametrize("name", CASES)
async def test_a_machine_costs_what_its_forecast_says(serve: Serve, name: str, mode: EmissionMode) -> None:
    machine = probes.machine_of(CASES[name])
    app = probes.app_of(create_arvo_orchestrator(executionunits=1, machines=[machine]), mode, ("x", "y"))
    (path,) = forecast(app, machine).paths
    costs_as_forecast(await real_cost(serve, app), path)


SHOWN: dict[str, tuple[dict[str, Any], Range]] = {
    "one after the other": (
        _over(a={"after": {30: "b"}}, b={"entry": asks("one"), "on": {said("one"): "c"}}, c={"after": {30: "over"}}),
        Range(3, 3),
    ),
    "within a task": (_over(a={"always": "over"}), Range(0, 0)),
    "side by side": (
        _over(
            p={
                "type": "parallel",
                "onDone": "over",
                "states": {
                    key: {
                        "initial": "a",
                        "states": {"a": {"entry": asks(key), "on": {said(key): "b"}}, "b": {"type": "final"}},
                    }
                    for key in ("one", "two")
                },
            }
        ),
        Range(1, 2),
    ),
}
"""Machines, and how often their states are changed among the search attributes: answers may come in one task."""


@pytest.mark.parametrize("mode", ["activity", "local"])
@pytest.mark.parametrize("name", SHOWN)
async def test_a_state_among_the_search_attributes_costs_what_is_forecast(
    serve: Serve, name: str, mode: EmissionMode
) -> None:
    config, changes = SHOWN[name]
    machine = probes.machine_of(config)
    app = probes.app_of(
        create_arvo_orchestrator(executionunits=1, machines=[machine]), mode, search_attributes=["state"]
    )
    real = await real_cost(serve, app)
    (path,) = forecast(app, machine).paths
    costs_as_forecast(real, path)
    assert real.by_kind.get("search attributes", 0) in changes


def test_a_turn_counts_its_changes_of_state_too() -> None:
    machine = probes.machine_of(
        _over(
            a={"entry": asks("one"), "on": {said("one"): "b"}},
            b={"entry": asks("two"), "on": {said("two"): [{"guard": "again", "target": "a"}, {"target": "over"}]}},
        ),
        guards={"again": lambda: True},
    )
    orchestrator = create_arvo_orchestrator(executionunits=1, machines=[machine])
    plain, shown = (
        forecast(probes.app_of(orchestrator, "activity", search_attributes=chosen), machine)
        for chosen in ((), ("state",))
    )
    assert [(one.paths[0].events, one.turns[0].events) for one in (plain, shown)] == [
        (Range(17, 17), Range(6, 12)),
        (Range(19, 19), Range(6, 14)),
    ]
    assert shown.turns[0].actions == Range(plain.turns[0].actions.least, plain.turns[0].actions.most + 2)


async def test_a_turn_through_several_states_adds_all_of_their_costs(serve: Serve) -> None:
    def fresh(context: Any) -> dict[str, int]:
        return {"turns": context["turns"] + 1}

    machine = probes.machine_of(
        {
            **_over(
                a={"entry": [asks("one"), assign(fresh)], "on": {said("one"): "b"}},
                b={"entry": asks("two"), "on": {said("two"): [{"guard": "again", "target": "a"}, {"target": "over"}]}},
            ),
            "context": {"turns": 0},
        },
        guards={"again": lambda context: context["turns"] < 3},
    )
    app, init = probes.app_of(create_arvo_orchestrator(executionunits=1, machines=[machine]), "activity"), probes.init()
    async with serve(app) as client:
        await client.deliver(init)
        await client.result(init.subject)
        real = await client.cost(init.subject)
    found = forecast(app, machine)
    assert [(turn.state, turn.event) for turn in found.turns] == [("a", said("one"))]
    costs_so_many_turns(real, found, 2)


def test_what_history_alone_shows_is_counted_by_the_rules() -> None:
    def event(kind: str, **attributes: Any) -> HistoryEvent:
        return HistoryEvent(event_type=getattr(EventType, f"EVENT_TYPE_{kind}"), **attributes)

    started = WorkflowExecutionStartedEventAttributes()
    nested = WorkflowExecutionStartedEventAttributes(parent_workflow_execution=WorkflowExecution(workflow_id="parent"))
    again = WorkflowExecutionStartedEventAttributes(
        parent_workflow_execution=WorkflowExecution(workflow_id="parent"), continued_execution_run_id="before"
    )

    def run_of(*events: HistoryEvent) -> WorkflowHistory:
        return WorkflowHistory("id", list(events))

    def begun(attributes: WorkflowExecutionStartedEventAttributes) -> HistoryEvent:
        return event("WORKFLOW_EXECUTION_STARTED", workflow_execution_started_event_attributes=attributes)

    def marker(task: int) -> HistoryEvent:
        attributes = MarkerRecordedEventAttributes(workflow_task_completed_event_id=task)
        return event("MARKER_RECORDED", marker_recorded_event_attributes=attributes)

    tries = event(
        "ACTIVITY_TASK_STARTED", activity_task_started_event_attributes=ActivityTaskStartedEventAttributes(attempt=3)
    )
    assert spent(run_of(begun(nested))).actions == 0
    assert (spent(run_of(begun(started))) + spent(run_of(begun(again)))).by_kind == {"start": 2}
    assert spent(run_of(marker(4), marker(4), marker(9))).by_kind == {"local activities": 2}
    assert spent(run_of(event("ACTIVITY_TASK_SCHEDULED"), tries)).by_kind == {"activity retry": 2, "activity": 1}
    assert spent(run_of(event("START_CHILD_WORKFLOW_EXECUTION_INITIATED"))).actions == 2
    assert spent(run_of(event("WORKFLOW_EXECUTION_OPTIONS_UPDATED"))).by_kind == {"options": 1}
    metered_task = WorkflowTaskCompletedEventAttributes(
        metering_metadata=MeteringMetadata(nonfirst_local_activity_execution_attempts=3)
    )
    retried = event("WORKFLOW_TASK_COMPLETED", workflow_task_completed_event_attributes=metered_task)
    assert spent(run_of(retried)).by_kind == {"local activity retry": 3}
    for cause, kinds in (("RESET_WORKFLOW", {"reset": 1}), ("NON_DETERMINISTIC_ERROR", {})):
        failed = WorkflowTaskFailedEventAttributes(
            cause=getattr(WorkflowTaskFailedCause, f"WORKFLOW_TASK_FAILED_CAUSE_{cause}")
        )
        reset = event("WORKFLOW_TASK_FAILED", workflow_task_failed_event_attributes=failed)
        assert spent(run_of(reset)).by_kind == kinds


MODES = pytest.mark.parametrize("mode", ["step", "local", "inline"])


def costs_so_many_turns(real: Spent, found: Forecast, turns: int) -> None:
    """Check what an orchestration has cost against the only path of its forecast, and so many of its first turn."""
    (path,), turn = found.paths, found.turns[0]
    assert real.events in Range(
        path.events.least + turns * turn.events.least, path.events.most + turns * turn.events.most
    )
    assert real.actions in Range(
        path.actions.least + turns * turn.actions.least, path.actions.most + turns * turn.actions.most
    )


@MODES
async def test_calls_of_a_function_cost_as_forecast(serve: Serve, mode: Kind) -> None:
    init, app = start_count(goal=3), resumables.counter_app(kind=mode)
    async with serve(app) as client:
        await client.deliver(init)
        for _ in range(3):  # none is waited for: where a query comes in a task of its own, that costs events
            await client.deliver(counted(init.subject))
        await client.result(init.subject)
        real = await client.cost(init.subject)
    found = forecast(app, app.resumables["arvo.orc.counter"])
    assert (found.machine, found.turns[0].event) == ("arvo.orc.counter/1.0.0", "answer to com.tally.ask")
    costs_so_many_turns(real, found, 3)


@MODES
@pytest.mark.parametrize("emission", ["activity", "local"])
async def test_what_a_function_asks_costs_as_forecast(serve: Serve, mode: Kind, emission: EmissionMode) -> None:
    oracle = create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": metered.oracle})
    policy = EmissionPolicy(mode=emission)
    init, app = ask("why"), resumables.asker_app(kind=mode, handlers=[oracle], policy=policy)
    async with serve(app) as client:
        await client.deliver(init)
        await client.result(init.subject)
        real = await client.cost(init.subject)
    costs_so_many_turns(real, forecast(app, app.resumables["arvo.orc.asker"]), 1)


@MODES
async def test_what_a_function_nests_costs_as_forecast(serve: Serve, mode: Kind) -> None:
    init, app = supervise(goal=0), resumables.supervisor_app(kind=mode)
    async with serve(app) as client:
        await client.deliver(init)
        await client.result(init.subject)
        real = await client.cost(init.subject)
    costs_so_many_turns(real, forecast(app, app.resumables["arvo.orc.supervisor"]), 1)


def ask_both(context: Any, input: ArvoEvent | None) -> ResumableOutput:
    """Ask two services at once, and complete when both have answered."""
    if input is not None:
        asked: list[dict[str, Any]] = [{"type": f"com.probe.{name}", "data": {}} for name in ("one", "two")]
        return {"context": {"answers": 0}, "services": asked}
    answers = context["answers"] + 1
    if answers == 2:
        return {"output": {"text": "done"}}
    return {"context": {"answers": answers}}


@MODES
async def test_requests_that_leave_together_and_a_published_end_cost_as_forecast(
    serve: Serve, mode: EmissionMode
) -> None:
    function = create_arvo_resumable(
        contracts={"self": probes.probe_contract, "services": probes.SERVICES}, handler={"1.0.0": ask_both}
    )
    app, init = probes.app_of(function, "activity", (None,), mode), probes.init()
    async with serve(app) as client:
        await client.deliver(init)
        await client.result(init.subject)
        real = await client.cost(init.subject)
    found = forecast(app, function)
    assert real.by_type["timer_started"] == 1, "what tells the end is still on its way then"
    both = [turn for turn in found.turns if turn.event in ("answer to com.probe.one", "answer to com.probe.two")]
    assert real.events in total_of([found.paths[0].events, *(turn.events for turn in both)])
    assert real.actions in total_of([found.paths[0].actions, *(turn.actions for turn in both)])


def total_of(ranges: list[Range]) -> Range:
    return Range(sum(one.least for one in ranges), sum(one.most for one in ranges))


async def test_the_command_prints_a_forecast_of_each_resumable() -> None:
    code, said = await run(*ARVO_TEMPORAL, "cost", "examples.agent.app:app", "agent", environment={"COLUMNS": "80"})
    assert code == 0, said
    assert ["begun", "→", "ended", "11", "2", "1"] in [line.split() for line in said.splitlines()]
    assert "answer to com.orders.find" in said
    assert "arvo.orc.refund/1.0.0" not in said


async def test_the_command_prints_both(server: DevServer, serve: Serve) -> None:
    code, said = await run(*ARVO_TEMPORAL, "cost", "examples.orders.app:app", environment={"COLUMNS": "80"})
    assert code == 0, said
    assert all(len(line) <= 80 for line in said.splitlines())
    assert "securing → shipping → fulfilled" in said
    init = start_count(goal=1)
    async with serve(counter_app(Limits(deliveries_per_run=2))) as client:
        await client.execute(init)
        await client.execute(counted(init.subject))
        await client.result(init.subject)
    where = {"TEMPORAL_ADDRESS": server.address}
    arguments = ("cost", "tests.apps:app", "--at", init.subject)
    code, said = await run(*ARVO_TEMPORAL, *arguments, "--json", environment=where)
    assert code == 0, said
    found = json.loads(said)
    assert found["events"] == sum(found["by_type"].values())
    assert found["by_kind"] == {"update": 2, "start": 1}


def forecast_of(config: dict[str, Any], **implementations: Any) -> Forecast:
    machine = probes.machine_of(config, **implementations)
    return forecast(probes.app_of(create_arvo_orchestrator(executionunits=1, machines=[machine]), "activity"), machine)


def test_the_shortest_path_is_told_first_and_those_through_the_same_states_together() -> None:
    asking = {"entry": asks("two"), "on": {said("two"): "over", "sys.com.probe.two.error": "over"}}
    found = forecast_of(_over(z={"on": {said("one"): "a", said("outside"): "over"}, "entry": asks("one")}, a=asking))
    assert [(path.states, path.paths) for path in found.paths] == [(("z", "over"), 1), (("z", "a", "over"), 2)]
    assert (found.complete, found.unknown) == (True, False)


def test_what_only_running_tells_and_too_many_paths_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    unknown = forecast_of(
        _over(a={"entry": emit(lambda: {"type": "".join(["com.", "x"])}), "on": {said("one"): "over"}})
    )
    assert unknown.unknown
    _print_forecast(unknown)
    assert "What else it sends only running tells" in capsys.readouterr().out
    names = [f"s{number}" for number in range(9)]
    others: dict[str, Any] = {
        name: {"on": {said("one"): [{"guard": f"to_{to}", "target": to} for to in (*names, "over")]}} for name in names
    }
    many = forecast_of(_over(**others), guards={f"to_{to}": lambda: True for to in (*names, "over")})
    assert not many.complete
    _print_forecast(many)
    assert "There are more paths than are followed." in capsys.readouterr().out


def test_turns_that_begin_and_end_alike_are_one_with_the_costs_of_all() -> None:
    def back(actions: list[Any]) -> dict[str, Any]:
        return {"guard": "again", "target": "a", "reenter": True, "actions": actions}

    answers = [back([]), back([asks("two"), asks("outside", domain="x")]), {"target": "over"}]
    found = forecast_of(_over(a={"entry": asks("one"), "on": {said("one"): answers}}), guards={"again": lambda: True})
    (turn,) = found.turns
    alone = forecast_of(
        _over(a={"entry": asks("one"), "on": {said("one"): [answers[0], answers[2]]}}), guards={"again": lambda: True}
    ).turns[0]
    assert turn.events.least == alone.events.least
    assert turn.events.most > alone.events.most


def test_a_turn_that_nothing_begins_from_outside_is_named_by_its_time() -> None:
    found = forecast_of(_over(a={"after": {1000: "b"}}, b={"after": {2000: "a"}, "on": {said("one"): "over"}}))
    assert [turn.event for turn in found.turns] == ["a after 1 second"]


def test_every_machine_of_an_example_has_a_forecast() -> None:
    for machine in number_app.machines:
        assert forecast(number_app, machine).paths
