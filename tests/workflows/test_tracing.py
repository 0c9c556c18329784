"""One trace across an orchestration, its services and the orchestrations nested in it, on Temporal too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.util._once import Once
from temporalio.contrib.opentelemetry import create_tracer_provider

from arvo import create_arvo_orchestrator_event_factory
from arvo_temporal import ArvoApp
from examples.number_modifier import contracts
from examples.number_modifier.app import create_orchestrators
from examples.number_modifier.handlers import create_handlers
from tests.apps import counted, supervise
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import Kind, supervisor_app
from tests.routed import ALL, ROUTER, multi, routed_app, router, task


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Collect the spans of this process, and leave no tracer provider behind."""
    exporter = InMemorySpanExporter()
    provider = create_tracer_provider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    trace.set_tracer_provider(provider)
    yield exporter
    provider.shutdown()


@pytest.mark.parametrize("kind", ["step", "local", "inline"])
async def test_a_resumable_is_one_trace_and_repeats_nothing(
    serve: Serve, spans: InMemorySpanExporter, kind: Kind
) -> None:
    init, app = supervise(goal=2), supervisor_app(kind=kind)
    async with serve(app) as client:
        (nested,) = (await client.execute(init)).events
    async with serve(app) as client:
        await eventually(lambda: client.deliver(counted(nested.subject)), lambda result: result.accepted)
        (last,) = (await client.execute(counted(nested.subject, traceparent=nested.traceparent))).events
        await client.result(init.subject)
    finished = {
        f"{span.context.span_id:016x}": span
        for span in spans.get_finished_spans()
        if span.name.startswith("Resumable<") and span.context
    }
    assert Counter(span.name for span in finished.values()) == Counter(
        [
            "Resumable<#/test/supervisor>@<arvo.orc.supervisor>",
            "Resumable<#/test/supervisor>@<arvo.orc.counter.done>",
            "Resumable<#/test/counter>@<arvo.orc.counter>",
            "Resumable<#/test/counter>@<evt.tally.counted>",
            "Resumable<#/test/counter>@<evt.tally.counted>",
        ]
    )
    _, trace_id, begun_by, _ = str(nested.traceparent).split("-")
    assert trace_id == str(init.traceparent).split("-")[1]
    assert finished[begun_by].name == "Resumable<#/test/supervisor>@<arvo.orc.supervisor>"
    _, trace_id, ended_by, _ = str(last.traceparent).split("-")
    assert trace_id == str(init.traceparent).split("-")[1]
    assert finished[ended_by].name == "Resumable<#/test/counter>@<evt.tally.counted>"


async def test_a_nested_orchestration_is_one_trace(serve: Serve, spans: InMemorySpanExporter) -> None:
    app = ArvoApp(orchestrators=create_orchestrators(), handlers=create_handlers({"answer": 40}))
    init = create_arvo_orchestrator_event_factory(contracts.number_modifier.version("1.0.0")).init(
        source="com.test.person",
        data={"parentSubject$$": None, "key": "answer", "operation": "increment", "by": 2},
    )
    async with serve(app) as client:
        # An execute is checked by a dry run first, which is nobody's work and opens no spans.
        await client.execute(init)
        await client.result(init.subject)
    finished = [span for span in spans.get_finished_spans() if span.name.startswith(("Orchestrator<", "Handler<"))]
    assert init.traceparent is not None
    assert {f"{span.context.trace_id:032x}" for span in finished if span.context} == {init.traceparent.split("-")[1]}
    increment, modifier = (
        "Orchestrator<#/number/orchestrator/increment>@",
        "Orchestrator<#/number/orchestrator/modifier>@",
    )
    assert Counter(span.name for span in finished) == Counter(
        [
            "Handler<#/number/increment>",
            "Handler<#/number/value/read>",
            "Handler<#/number/value/write>",
            f"{increment}<arvo.orc.increment>",
            f"{increment}<evt.number.increment.success>",
            f"{increment}<evt.value.read.success>",
            f"{increment}<evt.value.write.success>",
            f"{modifier}<arvo.orc.number.modifier>",
            f"{modifier}<arvo.orc.increment.done>",
        ]
    )


async def test_a_router_and_a_multi_handler_are_in_the_trace(serve: Serve, spans: InMemorySpanExporter) -> None:
    async with serve(routed_app(router(), multi())) as client:
        for init in (task(ROUTER), task(ALL)):
            await client.deliver(init)
            await client.result(init.subject)
    finished = {span.context.span_id: span for span in spans.get_finished_spans() if span.context}
    handled = [span for span in finished.values() if span.name.startswith("Handler<")]
    within = [finished[span.parent.span_id].name for span in handled if span.parent]
    assert (len(handled), within) == (2, ["ArvoEventRouter"] * 2)
    outer = [span for span in finished.values() if span.name in ("ArvoEventRouter", "MutliArvoEventHandler")]
    assert Counter((span.attributes or {})["arvo.handler.source"] for span in outer) == {ROUTER: 2, ALL: 2}
    assert all(span.parent and finished[span.parent.span_id].name.startswith("Orchestrator<") for span in outer)
