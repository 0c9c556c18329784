"""What one event costs: `python -m benchmarks.arvo [--json]`.

Microseconds, beside the figure asked for and that of the TypeScript packages: measured on the spot where `node` is
there and `ARVO_TS_DIST` names a folder whose `node_modules` holds them, otherwise as published. What is asked was fixed
on the machine of the published figures; measured here, they also tell what it comes to on this one.

Everything is measured in passes, both languages in turn, and medians over all rounds count: a slow second of the
machine falls on no figure in particular.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Status, StatusCode, Tracer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from arvo import (
    ArvoEvent,
    ArvoOrchestrationSubject,
    ArvoOrchestrator,
    SimpleMachineMemory,
    assign,
    create_arvo_event,
    create_arvo_event_factory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo.telemetry import log, open_span

PASSES = 5
ROUNDS = 6
ROUND_SECONDS = 0.04
STEPS = 3
AT_ONCE = 10
TYPESCRIPT = Path(__file__).with_name("arvo.mjs")

PUBLISHED = {
    "create_arvo_event": 27.0,
    "subject parse": 28.0,
    "execute, per step": 203.0,
    "execute, per step, tracer": 276.0,
}
"""Medians of the TypeScript packages on node 20, on a machine with nothing else to do."""


class Question(BaseModel):
    key: str


class Answer(BaseModel):
    value: int


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        name: What was measured.
        python: Microseconds.
        asked: What it is asked to be at most.
        typescript: The same work there.
    """

    name: str
    python: float
    asked: float | None = None
    typescript: float | None = None


def measure(work: Callable[[], Any], *, steps: int = 1) -> float:
    """Return the median time of a call in microseconds, divided by the steps that it makes."""
    work()
    started = time.perf_counter()
    work()
    calls = max(1, int(ROUND_SECONDS / max(time.perf_counter() - started, 1e-7)))
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(calls):
            work()
        rounds.append((time.perf_counter() - started) / calls)
    return statistics.median(rounds) * 1e6 / steps


def rows() -> list[Row]:
    """Measure everything once."""
    event = create_event()
    fields, text, subject = event.to_json(), event.to_json_text(), event.subject
    return [
        Row("create_arvo_event", measure(create_event), 15),
        Row("ArvoEvent(...)", measure(lambda: ArvoEvent(**fields))),
        Row("ArvoEvent.from_json", measure(lambda: ArvoEvent.from_json(text))),
        Row("ArvoEvent.to_json", measure(event.to_json)),
        Row("ArvoEvent.to_json_bytes", measure(event.to_json_bytes)),
        Row("subject parse", measure_first_parse(), 15),
        Row("subject parse, again", measure(lambda: ArvoOrchestrationSubject.parse(subject)), 1),
        Row("execute, per step", measure_execute(nullcontext()), 100),
        Row("what telemetry takes of that: 4 spans, 21 lines of log", measure(telemeter_nothing)),
        Row("execute, per step, tracer that samples nothing", measure_execute(traced(TracerProvider(ALWAYS_OFF)))),
        Row("execute, per step, tracer", measure_execute(traced(TracerProvider())), 200),
        Row("the spans of a step, by OpenTelemetry's SDK alone", measure_spans()),
    ]


def medians(passes: Sequence[list[Row]], typescript: Mapping[str, float]) -> list[Row]:
    """Return the median of each row, with what is asked of it on this machine."""
    slower = slowness(typescript)
    return [
        Row(
            several[0].name,
            statistics.median(row.python for row in several),
            None if several[0].asked is None else several[0].asked * slower,
            typescript.get(several[0].name),
        )
        for several in zip(*passes, strict=True)
    ]


def slowness(typescript: Mapping[str, float]) -> float:
    """Return how much longer TypeScript takes than published: 1 where it is the published figures."""
    return statistics.median(figure / PUBLISHED[name] for name, figure in typescript.items())


def measure_first_parse() -> float:
    """Return the median time of parsing a subject that was never parsed before."""
    samples = []
    for _ in range(3000):
        subject = ArvoOrchestrationSubject.create(content(str(uuid4())))
        started = time.perf_counter()
        ArvoOrchestrationSubject.parse(subject)
        samples.append(time.perf_counter() - started)
    return statistics.median(samples) * 1e6


def measure_execute(tracing: AbstractContextManager[Any]) -> float:
    """Return the time of a step of an orchestration that asks twice, memory in this process."""
    with running(tracing) as run:
        return measure(run, steps=AT_ONCE * STEPS)


@contextmanager
def running(tracing: AbstractContextManager[Any]) -> Iterator[Callable[[], None]]:
    """Provide a function that runs some orchestrations of three steps, one after the other."""
    loop = asyncio.new_event_loop()
    with tracing:
        orchestrator, memory, init, answers = orchestration()

        async def run() -> None:
            for _ in range(AT_ONCE):
                await orchestrator.execute(init)
                for answer in answers:
                    await orchestrator.execute(answer)
                memory.clear()

        yield lambda: loop.run_until_complete(run())
    loop.close()


def telemeter_nothing() -> None:
    """Open as many spans and write as many lines as a step does, where no tracer provider is installed."""
    for _ in range(4):
        with open_span("span"):
            pass
    for _ in range(21):
        log("INFO", "line")


def measure_spans() -> float:
    """Return the time in which OpenTelemetry's SDK alone writes what a step leaves on its spans."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with running(traced(provider)) as run:
        exporter.clear()
        run()
    spans, tracer = exporter.get_finished_spans(), TracerProvider().get_tracer("benchmark")
    return measure(lambda: write(spans, tracer), steps=AT_ONCE * STEPS)


def write(spans: Iterable[ReadableSpan], tracer: Tracer) -> None:
    """Write the same spans again."""
    for known in spans:
        span = tracer.start_span(known.name, kind=known.kind, attributes=known.attributes)
        for event in known.events:
            span.add_event(event.name, event.attributes)
        span.set_status(Status(StatusCode.OK))
        span.end()


def create_event() -> ArvoEvent:
    """Create an event as a service does."""
    return create_arvo_event(
        type="com.order.create",
        source="com.web.shop",
        subject=SUBJECT,
        data={"number": 7, "items": ["a", "b"], "address": {"city": "Ulm"}},
    )


def content(execution: str) -> dict[str, Any]:
    """Return the content of the subject of an execution."""
    return {
        "orchestrator": {"name": "arvo.orc.bench", "version": "1.0.0"},
        "execution": {"id": execution, "initiator": "com.web.shop", "domain": None},
        "meta": {},
    }


SUBJECT = ArvoOrchestrationSubject.create(content("f7a1c0de-0000-4000-8000-000000000000"))


def traced(provider: TracerProvider) -> AbstractContextManager[Any]:
    """Return a context in which this tracer provider is installed."""
    return patch("opentelemetry.trace._TRACER_PROVIDER", provider)


def orchestration() -> tuple[ArvoOrchestrator, SimpleMachineMemory, ArvoEvent, list[ArvoEvent]]:
    """Return an orchestrator of three steps, its memory, its init event and the two answers that it waits for."""
    flow = create_arvo_orchestrator_contract(
        uri="#/bench/flow", name="bench", versions={"1.0.0": {"init": Question, "complete": Answer}}
    ).version("1.0.0")
    service = create_simple_arvo_contract(
        uri="#/bench/read", type="value.read", versions={"1.0.0": {"accepts": Question, "emits": Answer}}
    ).version("1.0.0")
    machine = setup_arvo_machine(contracts={"self": flow, "services": {"read": service}}).create_machine(CONFIG)
    memory = SimpleMachineMemory()
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=memory, machines=[machine])
    init = create_arvo_orchestrator_event_factory(flow).init(
        source="com.web.shop", data={"key": "a", "parentSubject$$": None}, subject=SUBJECT
    )
    answers = [
        create_arvo_event_factory(service).emits(
            type="evt.value.read.success", source="com.value.read", data={"value": value}, subject=SUBJECT
        )
        for value in (1, 2)
    ]
    return orchestrator, memory, init, answers


ASK = emit(lambda context: {"type": "com.value.read", "data": {"key": context["key"]}})
TAKE = assign({"total": lambda context, event: context["total"] + event.data["value"]})
CONFIG: dict[str, Any] = {
    "id": "bench",
    "context": lambda input: {"key": input.data["key"], "total": 0},
    "initial": "first",
    "output": lambda context: {"value": context["total"]},
    "states": {
        "first": {"entry": [ASK], "on": {"evt.value.read.success": {"target": "second", "actions": [TAKE]}}},
        "second": {"entry": [ASK], "on": {"evt.value.read.success": {"target": "done", "actions": [TAKE]}}},
        "done": {"type": "final"},
    },
}


def measure_typescript() -> dict[str, float] | None:
    """Measure the TypeScript packages once; None if they are not here."""
    folder, node = os.environ.get("ARVO_TS_DIST"), shutil.which("node")
    if not folder or not node:
        return None
    script = Path(folder) / ".arvo-benchmark.mjs"
    script.write_text(TYPESCRIPT.read_text())
    try:
        output = subprocess.run([node, script], capture_output=True, text=True, check=True, cwd=folder).stdout
    finally:
        script.unlink()
    figures: dict[str, float] = json.loads(output)
    return figures


def main(arguments: list[str]) -> None:
    """Measure, and print a table or JSON."""
    python, typescript = [], []
    for _ in range(PASSES):
        python.append(rows())
        typescript.append(measure_typescript())
    measured = [figures for figures in typescript if figures is not None]
    there = (
        {name: statistics.median(figures[name] for figures in measured) for name in measured[0]}
        if measured
        else PUBLISHED
    )
    origin = "measured" if measured else "published"
    found = medians(python, there)
    if "--json" in arguments:
        print(json.dumps({"typescript": origin, "microseconds": [asdict(row) for row in found]}, indent=2))
        return
    table = Table("", "Python", "asked", f"TypeScript ({origin})", title="Microseconds, medians")
    for row in found:
        cells = [f"{figure:.2f}" if figure is not None else "" for figure in (row.python, row.asked, row.typescript)]
        table.add_row(row.name, *cells)
    Console().print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
