"""Executions have spans, and the events that they produce carry the trace on."""

from __future__ import annotations

from dataclasses import replace

from arvo import ConfigViolation, SimpleEventBroker, create_arvo_event
from arvo.surroundings import current, use
from tests.arvo.counting import CONFIG, add_handler, answer, count_orchestrator, start
from tests.conformance.tracing import Recorder, traced


def names(recorder: Recorder) -> list[str]:
    return [span.name for span in recorder.spans]


async def test_a_chain_of_events_is_one_trace() -> None:
    with traced() as recorder:
        broker = SimpleEventBroker([count_orchestrator(), add_handler()])
        init = start(goal=2)
        await broker.publish(init)
    assert len({span.context.trace_id for span in recorder.spans if span.context}) == 1
    traces = {event.traceparent.split("-")[1] for event in broker.events if event.traceparent}
    assert len(traces) == 1
    assert all(event.traceparent for event in broker.events)
    executions = [name for name in names(recorder) if name.startswith(("Orchestrator<", "Handler<"))]
    assert executions == [
        "Orchestrator<#/test/count>@<arvo.orc.count>",
        *["Handler<#/test/add>", "Orchestrator<#/test/count>@<evt.number.add.success>"] * 2,
    ]


async def test_refusals_and_failures_show_as_errors() -> None:
    with traced() as recorder:
        await count_orchestrator({**CONFIG, "entry": [lambda: 1 / 0]}).execute(start())
        orchestrator, init = count_orchestrator(), start()
        await orchestrator.execute(init)
        stranger = create_arvo_event(
            type="com.un.known", source="com.a.b", subject=init.subject, data={}, dataschema="#/x/1.0.0"
        )
        try:
            await orchestrator.execute(stranger)
        except ConfigViolation as violation:
            refused = str(violation)
    spans = [span for span in recorder.spans if span.name.startswith("Orchestrator<")]
    assert [span.status.status_code.name for span in spans] == ["ERROR", "OK", "ERROR"]
    assert [span.status.description for span in spans] == ["division by zero", None, refused]


async def test_surroundings_without_tracing_open_no_span() -> None:
    with traced() as recorder, use(replace(current(), tracing=False)):
        orchestrator, init = count_orchestrator(), start()
        step = orchestrator.step(init, None)
        orchestrator.step(answer(init, 1), step.record)
        await add_handler().execute(step.events[0])
    assert recorder.spans == []
    assert step.events[0].traceparent is None
