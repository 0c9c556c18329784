"""Executions have spans, and the events that they produce carry the trace on."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from arvo import (
    ConfigViolation,
    ContractViolation,
    SimpleEventBroker,
    SimpleMachineMemory,
    create_arvo_event,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    emit,
    setup_arvo_machine,
)
from arvo.surroundings import current, untraced, use
from arvo.telemetry import open_span
from tests.arvo.counting import (
    CONFIG,
    CONTRACTS,
    Goal,
    Total,
    add_handler,
    answer,
    count_contract,
    count_orchestrator,
    start,
)
from tests.conformance.tracing import Recorder, traced, view


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


async def test_a_nested_orchestration_belongs_to_the_trace_of_its_parent() -> None:
    contract = create_arvo_orchestrator_contract(
        uri="#/test/outer", name="outer", versions={"1.0.0": {"init": Goal, "complete": Total}}
    ).version("1.0.0")
    nest = emit(lambda context: {"type": "arvo.orc.count", "data": {"goal": 1, "parentSubject$$": context["subject"]}})
    machine = setup_arvo_machine(
        contracts={"self": contract, "services": {"count": count_contract.version("1.0.0")}}
    ).create_machine(
        {
            "id": "outer",
            "context": lambda input: {"subject": input.subject},
            "initial": "counting",
            "output": {"total": 1},
            "states": {
                "counting": {"entry": [nest], "on": {"arvo.orc.count.done": {"target": "done"}}},
                "done": {"type": "final"},
            },
        }
    )
    outer = create_arvo_orchestrator(executionunits=1, machines=[machine])
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with patch("opentelemetry.trace._TRACER_PROVIDER", provider):
        init = create_arvo_orchestrator_event_factory(contract).init(
            source="com.test.app", data={"parentSubject$$": None, "goal": 1}
        )
        final = await SimpleEventBroker([outer, count_orchestrator(), add_handler()]).resolve(init)
    assert final is not None
    executions = [span for span in exporter.get_finished_spans() if span.name.startswith(("Orchestrator<", "Handler<"))]
    assert [span.name for span in executions] == [
        "Orchestrator<#/test/outer>@<arvo.orc.outer>",
        "Orchestrator<#/test/count>@<arvo.orc.count>",
        "Handler<#/test/add>",
        "Orchestrator<#/test/count>@<evt.number.add.success>",
        "Orchestrator<#/test/outer>@<arvo.orc.count.done>",
    ]
    for cause, effect in pairwise(executions):
        assert cause.context is not None
        assert effect.parent is not None
        assert (effect.parent.trace_id, effect.parent.span_id) == (cause.context.trace_id, cause.context.span_id)


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
    with traced() as recorder, use(current()._replace(tracing=False)):
        orchestrator, init = count_orchestrator(), start()
        step = orchestrator.step(init, None)
        orchestrator.step(answer(init, 1), step.record)
        await add_handler().execute(step.events[0])
    assert recorder.spans == []
    assert step.events[0].traceparent is None


def test_a_rehearsal_within_a_span_leaves_nothing_on_it() -> None:
    with traced() as recorder:
        with open_span("real"), untraced():
            count_orchestrator().step(start(goal=2), None)
        (span,) = recorder.spans
    assert span.events == ()


async def test_a_handler_says_that_an_event_has_no_dataschema() -> None:
    event = create_arvo_event(
        type="com.number.add", source="com.test.app", subject="s", data={"left": 1, "right": 2}, telemetry=False
    )
    with traced() as recorder:
        await add_handler().execute(event)
    logs = [line.get("log") for line in view(recorder.spans[0])["events"]]
    assert logs[:4] == ["INFO", "ERROR", "WARNING", "INFO"]


@pytest.mark.parametrize(
    "config",
    [
        {"entry": emit({"type": "com.number.add", "data": {"left": "one"}})},
        {"type": "final", "output": {"total": "all"}},
    ],
)
async def test_an_emission_that_breaks_its_contract_is_an_exception_on_the_span(config: dict[str, Any]) -> None:
    machine = setup_arvo_machine(contracts=CONTRACTS).create_machine({"id": "broken", **config})
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[machine])
    with traced() as recorder:
        with pytest.raises(ContractViolation):
            await orchestrator.execute(start(goal=2))
        with pytest.raises(ContractViolation):
            orchestrator.consume(start(goal=2), None)
    spans = [view(span) for span in recorder.spans if span.name.startswith("Orchestrator<")]
    exceptions = [[event["type"] for event in span["events"] if event.get("name") == "exception"] for span in spans]
    assert exceptions == [["ViolationError<Contract>"]] * 2
