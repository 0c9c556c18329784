"""Whatever happens to an orchestration, all of it is one trace, as a collector gets it by OTLP."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry import trace
from opentelemetry.util._once import Once
from temporalio.client import Client
from temporalio.contrib.opentelemetry import ReplaySafeTracerProvider
from temporalio.worker import Worker

from arvo import ArvoEvent
from arvo.surroundings import untraced
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.worker.tracing import tracing_by_settings
from tests.apps import counted, start_count
from tests.collector import Collected, Collector, collector
from tests.conftest import replay_everything
from tests.resumables import Kind, counter_app
from tests.trial import start_trial, trial_app


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector that gets the spans of this process inside the block, as the settings say."""
    with pytest.MonkeyPatch.context() as patch, collector() as running:
        patch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
        patch.setattr(trace, "_TRACER_PROVIDER", None)
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.endpoint)
        patch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "100000")
        async with tracing_by_settings():
            yield running


@pytest.fixture(scope="module")
async def collected(server: DevServer) -> Collector:
    """What is collected of a trial by a worker that keeps nothing, and so replays all at each workflow task."""
    async with collecting() as running:
        await run_trial(server, start_trial(), cached=0)
    return running


async def run_trial(server: DevServer, init: ArvoEvent, cached: int = 1000) -> None:
    """Run a trial to its end, have all its histories replayed, and send all spans."""
    record = await traced(server, trial_app(), [init], cached)
    assert record["value"] == "over"


async def traced(server: DevServer, app: ArvoApp, events: Sequence[ArvoEvent], cached: int = 1000) -> Mapping[str, Any]:
    """Deliver events, wait for the end of the orchestration, have its histories replayed, and send all spans."""
    app.task_queue = f"arvo-{uuid4()}"
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(client, task_queue=app.task_queue, max_cached_workflows=cached):
        sender = ArvoClient(client, app)
        for event in events:
            await sender.deliver(event)
        record = await sender.result(events[0].subject)
    await replay_everything(server, app)
    provider = trace.get_tracer_provider()
    assert isinstance(provider, ReplaySafeTracerProvider)
    await asyncio.to_thread(provider.force_flush)
    return record


def orphans(spans: list[Collected]) -> list[str]:
    known = {span.id for span in spans}
    return [span.name for span in spans if span.parent and span.parent not in known]


def test_failures_children_timers_and_runs_are_one_trace(collected: Collector) -> None:
    spans = collected.spans
    assert len({span.trace for span in spans}) == 1
    assert [span.name for span in spans if not span.parent] == ["OrchestratorEventFactory.init<arvo.orc.trial>"]
    assert orphans(spans) == []


def test_no_replay_sends_a_span_again(collected: Collector) -> None:
    assert [id for id, times in Counter(span.id for span in collected.spans).items() if times > 1] == []


async def test_an_orchestration_whose_sender_traces_nothing_is_one_trace(server: DevServer) -> None:
    with untraced():
        init = start_trial()
    assert init.traceparent is None
    async with collecting() as running:
        await run_trial(server, init)
    spans = running.spans
    assert [span.name for span in spans if not span.parent] == ["Orchestration<arvo.orc.trial>"]
    assert len({span.trace for span in spans}) == 1
    assert orphans(spans) == []


@pytest.mark.parametrize("kind", ["step", "local", "inline"])
async def test_the_calls_of_a_function_belong_to_that_trace_too(server: DevServer, kind: Kind) -> None:
    with untraced():
        init = start_count(goal=2)
        events = [init, counted(init.subject), counted(init.subject)]
    async with collecting() as running:
        await traced(server, counter_app(kind=kind), events, cached=0)
    spans = running.spans
    assert [span.name for span in spans if not span.parent] == ["Orchestration<arvo.orc.counter>"]
    assert sum(span.name.startswith("Resumable<") for span in spans) == 3
    assert len({span.trace for span in spans}) == 1
    assert orphans(spans) == []


def test_what_nobody_answered_is_an_error_in_the_trace(collected: Collector) -> None:
    failures = {span.name: span for span in collected.spans if span.name.startswith("Failure<")}
    assert set(failures) == {f"Failure<com.trial.{name}>" for name in ("slow", "nobodys", "broken")}
    assert all(span.failed for span in failures.values())
    assert failures["Failure<com.trial.nobodys>"].attributes["error.type"] == "NoRoute"
    assert failures["Failure<com.trial.slow>"].attributes["error.type"] == "TimeoutError"
    assert failures["Failure<com.trial.broken>"].message == "ConnectionError: the broker refuses"


def test_each_try_of_a_publisher_is_a_span(collected: Collector) -> None:
    flaky, broken = collected.named("publish flaky"), collected.named("publish broken")
    tries = [(span.attributes["arvo.publisher.try"], span.failed) for span in (*flaky, *broken)]
    assert tries == [(1, True), (2, False), (1, True), (2, True)]
    first = flaky[0]
    assert first.kind == "PRODUCER"
    assert first.message == "the broker is away"
    assert first.attributes["error.type"] == "ConnectionError"
    wanted = {
        "messaging.system": "arvo",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": "flaky",
        "messaging.message.id": first.attributes["cloudevents.event_id"],
        "cloudevents.event_type": "com.trial.flaky",
    }
    assert wanted.items() <= first.attributes.items()
