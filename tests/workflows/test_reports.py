"""What the log and the metrics of a worker say of orchestrations: once, with their fields, and nothing in a replay."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.runtime import Runtime
from temporalio.worker import Replayer, Worker

import workflows.reports
from arvo import ArvoEvent, create_arvo_event_factory, log
from arvo_temporal import (
    ArvoApp,
    ArvoClient,
    ArvoPlugin,
    DevServer,
    Fate,
    Limits,
    OrchestrationFailedError,
    workflow_id,
)
from arvo_temporal.replay import check_run, replayed_steps, runs_of
from arvo_temporal.replay.replaying import replay
from tests.alarm import alarm_app, arm, button
from tests.apps import counted, counter_app, start_count
from tests.errands import COURIER, ERRAND, courier_contract, errand, errands
from tests.histories import count_runs
from tests.polling import eventually
from tests.scrape import metered_runtime, scrape, total
from workflows.throttle import Throttle

OURS = "arvo_temporal.orchestration"
SECRET = "a secret that no log may have"
EMISSIONS = "arvo_emissions_total"
TROUBLE = ("arvo_trouble_begun_total", "arvo_trouble_ended_total")


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(workflows.reports, "_throttle", Throttle(clock=clock))
    return clock


@pytest.fixture
def logged(clock: Clock, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged while a test runs, of orchestrations all of it."""
    caplog.set_level(logging.DEBUG, OURS)
    return caplog


@asynccontextmanager
async def metered(server: DevServer, app: ArvoApp, **worker: Any) -> AsyncIterator[tuple[ArvoClient, str]]:
    """Run a worker of an app; give a client, and where its metrics are read."""
    app.task_queue = f"arvo-{uuid4()}"
    runtime, url = metered_runtime()
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)], runtime=runtime)
    async with Worker(client, task_queue=app.task_queue, **worker):
        yield ArvoClient(client, app), url


def of(logged: pytest.LogCaptureFixture, level: int) -> list[dict[str, Any]]:
    """Return the fields of the lines of orchestrations at a level, with their messages."""
    found = [one for one in logged.records if one.name == OURS and one.levelno == level]
    return [{**vars(one), "message": one.getMessage()} for one in found]


def wrong(subject: str, **fields: Any) -> ArvoEvent:
    """Return an event that is refused."""
    return ArvoEvent.from_json({**counted(subject, **fields).to_json(), "data": {"by": SECRET}})


def answer(subject: str) -> ArvoEvent:
    """Return a courier's answer."""
    return create_arvo_event_factory(courier_contract.version("1.0.0")).emits(
        type="evt.courier.ask.success", source=COURIER, subject=subject, to=ERRAND, data={"text": "here"}
    )


async def silently(event: ArvoEvent) -> None:
    """Publish nothing."""


async def test_each_event_is_a_line_at_debug_with_the_fields_of_orchestration_and_event(
    server: DevServer, logged: pytest.LogCaptureFixture
) -> None:
    init = start_count(goal=1)
    event = counted(init.subject)
    async with metered(server, counter_app()) as (client, _):
        await client.execute(init)
        await client.execute(event)
    first, second = of(logged, logging.DEBUG)
    expected = {
        "subject": init.subject,
        "workflow_id": workflow_id(init.subject),
        "orchestrator": "arvo.orc.counter",
        "version": "1.0.0",
        "event_id": event.id,
        "event_type": "evt.tally.counted",
        "event_source": "com.tally.ask",
        "fate": "applied",
        "state": "over",
        "step": 2,
    }
    assert {name: second[name] for name in expected} == expected
    assert second["key"] in second["workflow_id"]
    assert second["temporal_workflow"]["workflow_id"] == second["workflow_id"]
    assert (first["state"], first["event_id"]) == ("counting", init.id)
    assert second["message"] == f"'evt.tally.counted' of '{workflow_id(init.subject)}' applied, now over"


async def test_refusals_are_one_warning_of_a_kind_and_minute_that_has_nothing_of_their_data(
    server: DevServer, clock: Clock, logged: pytest.LogCaptureFixture
) -> None:
    init = start_count(goal=2)
    async with metered(server, counter_app()) as (client, url):
        await client.execute(init)
        events = [wrong(init.subject) for _ in range(12)]
        for event in events:
            await client.deliver(event)
        await client.deliver(ArvoEvent.from_json({**counted(init.subject).to_json(), "type": "evt.nobody.knows"}))
        ledger = await eventually(lambda: client.ledger(init.subject), lambda seen: seen.counts.get(Fate.REFUSED) == 13)
        clock.now += 61
        await client.deliver(wrong(init.subject, executionunits=1))
        await eventually(lambda: client.ledger(init.subject), lambda seen: seen.counts.get(Fate.REFUSED) == 14)
        samples = scrape(url)
    lines = of(logged, logging.WARNING)
    contract, other, later = lines
    assert (contract["code"], contract["fate"], contract["state"]) == (ledger.entries[1].code, "refused", "counting")
    assert contract["event_id"] == events[0].id
    assert other["code"] != contract["code"]
    assert (contract["left_out"], later["left_out"]) == (0, 11)
    assert "11 more of this kind" in later["message"]
    assert SECRET not in json.dumps([vars(one) for one in logged.records], default=str)
    assert total(samples, "arvo_events_total", fate="refused", orchestrator="arvo.orc.counter", version="1.0.0") == 14
    assert total(samples, "arvo_trouble_begun_total", kind="refused") == 14


async def test_nothing_is_told_twice_where_a_history_is_replayed(
    server: DevServer, logged: pytest.LogCaptureFixture
) -> None:
    """Queries and further events without a cache, a second worker, check-deploy, history and a replayer."""
    init, app = start_count(goal=4), counter_app()
    async with metered(server, app, max_cached_workflows=0) as (client, url):
        await client.execute(init)
        await client.deliver(wrong(init.subject))
        for _ in range(2):
            await client.execute(counted(init.subject))
            await client.record(init.subject)
        samples = scrape(url)
        handle = client.client
    before = [one.getMessage() for one in logged.records if one.name == OURS]
    assert total(samples, "arvo_events_total") == 4
    assert total(samples, "arvo_steps_total") == total(samples, "arvo_step_time_seconds_count") == 3
    assert sum("refused" in line for line in before) == 1
    assert sum("applied" in line for line in before) == 3
    await ArvoClient(handle, app).deliver(counted(init.subject))  # no worker has seen it
    (run,) = await runs_of(handle, workflow_id(init.subject))
    await Replayer(workflows=[], plugins=[ArvoPlugin(app)]).replay_workflow(run)
    assert len((await replay(app, run, handle)).steps) == 4
    assert len(await replayed_steps(handle, app, workflow_id(init.subject))) == 3
    assert (await check_run(app, run, handle)).difference is None
    assert [one.getMessage() for one in logged.records if one.name == OURS] == before


async def test_an_update_that_is_refused_at_the_door_is_neither_logged_nor_counted(
    server: DevServer, logged: pytest.LogCaptureFixture
) -> None:
    init = start_count(goal=4)
    async with metered(server, counter_app()) as (client, url):
        await client.execute(init)
        for _ in range(3):
            with pytest.raises(Exception, match="by"):
                await client.execute(wrong(init.subject))
        samples = scrape(url)
    assert total(samples, "arvo_events_total") == 1
    assert of(logged, logging.WARNING) == []


async def test_the_action_log_writes_one_line_for_each_step_with_its_fields(
    server: DevServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "arvo.statechart")
    on = {"evt.courier.ask.success": {"actions": ["note", log("noted", "errand")]}}
    init, app = errand(), ArvoApp(orchestrators=[errands(on=on)], publishers={None: silently})
    async with metered(server, app, max_cached_workflows=0) as (client, _):
        await client.execute(init)
        answers = [answer(init.subject) for _ in range(2)]
        for one in answers:
            await client.execute(one)
            await client.record(init.subject)
    await Replayer(workflows=[], plugins=[ArvoPlugin(app)]).replay_workflow(
        (await runs_of(client.client, workflow_id(init.subject)))[0]
    )
    lines = [vars(one) for one in caplog.records if one.name == "arvo.statechart"]
    assert [line["event_id"] for line in lines] == [one.id for one in answers]
    assert {line["workflow_id"] for line in lines} == {workflow_id(init.subject)}


async def test_a_machine_that_throws_is_an_error_without_what_it_says(
    server: DevServer, logged: pytest.LogCaptureFixture
) -> None:
    init = start_count(goal=4)
    async with metered(server, counter_app()) as (client, url):
        await client.execute(init)
        await client.deliver(counted(init.subject, by=-1))
        with pytest.raises(OrchestrationFailedError):
            await client.result(init.subject)
        samples = scrape(url)
    (line,) = of(logged, logging.ERROR)
    assert (line["fate"], line["code"], line["event_type"]) == ("failed", "ArithmeticError", "evt.tally.counted")
    assert "the count is broken" not in line["message"]
    assert total(samples, "arvo_events_total", fate="failed") == 1


async def test_a_request_that_fails_for_good_and_a_failure_that_nobody_handles_are_trouble_until_they_are_sent_again(
    server: DevServer, logged: pytest.LogCaptureFixture
) -> None:
    init, app = errand(), ArvoApp(orchestrators=[errands()])
    async with metered(server, app) as (client, url):
        await client.execute(init)
        await eventually(lambda: client.ledger(init.subject), lambda seen: seen.counts.get(Fate.UNHANDLED) == 1)
        before = scrape(url)
        app.publishers[None] = silently
        await client.retry(init.subject)
        after = await eventually(
            lambda: asyncio.to_thread(scrape, url),
            lambda seen: total(seen, EMISSIONS, outcome="done") == 1,
        )
    (warning,) = of(logged, logging.WARNING)
    (error,) = of(logged, logging.ERROR)
    assert (warning["event_type"], warning["route"], warning["outcome"]) == (COURIER, "nowhere", "failed")
    assert (error["event_type"], error["fate"], error["code"]) == (f"sys.{COURIER}.error", "unhandled", "NoRoute")
    kinds = ("refused", "unhandled", "failed")
    assert [total(before, "arvo_trouble_begun_total", kind=kind) for kind in kinds] == [0, 1, 1]
    assert [total(after, "arvo_trouble_ended_total", kind=kind) for kind in kinds] == [0, 0, 1]
    assert total(after, EMISSIONS, route="nowhere", outcome="failed", to="") == 1
    assert total(after, "arvo_emission_time_seconds_count", route="publisher", to="") == 1


async def test_a_refused_event_that_is_redriven_after_a_fix_ends_its_trouble(server: DevServer, clock: Clock) -> None:
    init = start_count(goal=4)
    async with metered(server, counter_app()) as (client, url):
        await client.execute(init)
        event = counted(init.subject)
        await client.deliver(ArvoEvent.from_json({**event.to_json(), "data": {"by": SECRET}}))
        await eventually(lambda: client.ledger(init.subject), lambda seen: seen.counts.get(Fate.REFUSED) == 1)
        before = scrape(url)
        await client.execute(event)
        after = scrape(url)
    assert [total(before, name) for name in TROUBLE] == [1, 0]
    assert [total(after, name) for name in TROUBLE] == [1, 1]


async def test_what_is_no_orchestration_is_one_warning_and_counted_without_a_name_of_others(
    server: DevServer, logged: pytest.LogCaptureFixture
) -> None:
    async with metered(server, app := counter_app()) as (client, url):
        for type_ in ("arvo.orc.counter", "spoofed type"):
            handle = await client.client.start_workflow(
                type_, {"text": SECRET}, id=f"no-{uuid4()}", task_queue=app.task_queue
            )
            with pytest.raises(WorkflowFailureError):
                await handle.result()
        samples = scrape(url)
    assert [one["orchestrator"] for one in of(logged, logging.WARNING)] == ["arvo.orc.counter", ""]
    for name in ("arvo.orc.counter", ""):
        assert total(samples, "arvo_events_total", fate="refused", orchestrator=name) == 1
    assert SECRET not in str([vars(one) for one in logged.records])


async def test_what_alerts_look_at_is_there_before_it_happens(server: DevServer) -> None:
    """Prometheus does not see that a counter grows which begins at one."""
    init, app = start_count(goal=1), counter_app()
    async with metered(server, app) as (client, url):
        before = scrape(url)
        await client.execute(init)
        after = scrape(url)
    names = ("arvo_events_total", *TROUBLE)
    series = [(one.name, one.labels) for one in before if one.name in names]
    assert len(series) == len(Fate) + 3 + 3
    assert {one.value for one in before if one.name in names} == {0}
    assert [(one.name, one.labels) for one in after if one.name in names] == series


async def test_the_time_in_a_state_goes_on_from_run_to_run(server: DevServer, clock: Clock) -> None:
    init, app = arm(patience=600_000), alarm_app(Limits(deliveries_per_run=3))
    async with metered(server, app) as (client, url):
        await client.execute(init)
        began = time.time()
        for _ in range(8):
            await client.execute(button(init.subject, "touched"))
        await eventually(lambda: count_runs(client, init), lambda runs: runs > 2)
        assert total(scrape(url), "arvo_state_time_seconds_count") == 0
        ended = time.time()
        await client.execute(button(init.subject, "pressed"))
        samples = scrape(url)
    spent = [one for one in samples if one.name == "arvo_state_time_seconds_sum"]
    assert [(one.labels["state"], one.labels["orchestrator"]) for one in spent] == [("armed", "arvo.orc.alarm")]
    assert spent[0].value >= ended - began
    assert total(samples, "arvo_events_total", fate="unhandled") == 8


async def test_each_fate_is_one_line_whatever_its_level(server: DevServer, logged: pytest.LogCaptureFixture) -> None:
    init = start_count(goal=4)
    event = counted(init.subject)
    async with metered(server, counter_app()) as (client, _):
        await client.execute(init)
        for one in (event, event, wrong(init.subject), wrong(init.subject), counted(init.subject, by=-1)):
            await client.deliver(one)
        with pytest.raises(OrchestrationFailedError):
            await client.result(init.subject)
    lines = [vars(one) for one in logged.records if one.name == OURS and hasattr(one, "fate")]
    assert [(line["fate"], line["levelname"]) for line in lines] == [
        *(("applied", "DEBUG"), ("applied", "DEBUG"), ("duplicate", "DEBUG")),
        *(("refused", "WARNING"), ("refused", "DEBUG"), ("failed", "ERROR")),
    ]


async def test_delayed_transitions_are_steps_of_timers(
    server: DevServer, clock: Clock, logged: pytest.LogCaptureFixture
) -> None:
    init, app = arm(patience=30), alarm_app()
    async with metered(server, app) as (client, url):
        await client.execute(init)
        samples = await eventually(
            lambda: asyncio.to_thread(scrape, url), lambda seen: total(seen, "arvo_steps_total", cause="timer") == 1
        )
    assert total(samples, "arvo_steps_total", cause="event") == 1
    assert total(samples, "arvo_state_time_seconds_sum", state="armed") >= 0.03
    fired = of(logged, logging.DEBUG)[1]
    assert (fired["fate"], fired["state"], fired["step"]) == ("applied", "ringing", 2)
    assert fired["event_type"].startswith("xstate.after.")


async def test_an_app_without_metrics_logs_and_counts_nowhere(
    server: DevServer, logged: pytest.LogCaptureFixture
) -> None:
    app = counter_app()
    app.task_queue = f"arvo-{uuid4()}"
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)], runtime=Runtime.default())
    init = start_count(goal=1)
    async with Worker(client, task_queue=app.task_queue):
        await ArvoClient(client, app).execute(init)
    assert len(of(logged, logging.DEBUG)) == 1
