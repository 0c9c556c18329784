"""What one event costs: `python -m benchmarks.arvo [--json]`.

Medians in microseconds, beside the figure asked for and that of the TypeScript packages: measured on the spot where
`node` is there and `ARVO_TS_DIST` names a folder whose `node_modules` holds them, otherwise as published.
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
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
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

ROUNDS = 15
ROUND_SECONDS = 0.1
TYPESCRIPT = Path(__file__).with_name("arvo.mjs")

PUBLISHED = {"create_arvo_event": 27.0, "subject parse": 28.0, "execute, per step": 203.0}
"""Medians of the TypeScript packages on node 20."""


class Question(BaseModel):
    key: str


class Answer(BaseModel):
    value: int


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        name: What was measured.
        python: Median, microseconds.
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


def rows(typescript: dict[str, float]) -> list[Row]:
    """Measure everything."""
    event = create_event()
    text, subject = event.to_json_text(), event.subject
    fresh = iter([ArvoOrchestrationSubject.create(content(number)) for number in range(40_000)])
    found = [
        Row("create_arvo_event", measure(create_event), 15),
        Row("ArvoEvent.from_json", measure(lambda: ArvoEvent.from_json(text))),
        Row("ArvoEvent.to_json_bytes", measure(event.to_json_bytes)),
        Row("subject parse", measure_once(ArvoOrchestrationSubject.parse, fresh), 15),
        Row("subject parse, again", measure(lambda: ArvoOrchestrationSubject.parse(subject)), 1),
        Row("execute, per step", measure_execute(nullcontext()), 100),
        Row("execute, per step, tracer that samples nothing", measure_execute(traced(TracerProvider(ALWAYS_OFF)))),
        Row("execute, per step, tracer", measure_execute(traced(TracerProvider())), 200),
    ]
    return [Row(row.name, row.python, row.asked, typescript.get(row.name)) for row in found]


def measure_once(work: Callable[[str], Any], inputs: Any) -> float:
    """Return the median time of a call on an input that it has not seen."""
    samples = []
    for value in inputs:
        started = time.perf_counter()
        work(value)
        samples.append(time.perf_counter() - started)
    return statistics.median(samples) * 1e6


def measure_execute(tracing: AbstractContextManager[Any]) -> float:
    """Return the median time of a step of an orchestration that asks twice, memory in this process."""
    loop = asyncio.new_event_loop()
    with tracing:
        orchestrator, memory, init, answers = orchestration()

        async def run() -> None:
            await orchestrator.execute(init)
            for answer in answers:
                await orchestrator.execute(answer)
            memory.clear()

        result = measure(lambda: loop.run_until_complete(run()), steps=3)
    loop.close()
    return result


def create_event() -> ArvoEvent:
    """Create an event as a service does."""
    return create_arvo_event(
        type="com.order.create",
        source="com.web.shop",
        subject=SUBJECT,
        data={"number": 7, "items": ["a", "b"], "address": {"city": "Ulm"}},
    )


def content(number: int) -> dict[str, Any]:
    """Return the content of a subject."""
    return {
        "orchestrator": {"name": "arvo.orc.bench", "version": "1.0.0"},
        "execution": {"id": f"f7a1c0de-0000-4000-8000-{number:012d}", "initiator": "com.web.shop", "domain": None},
        "meta": {},
    }


SUBJECT = ArvoOrchestrationSubject.create(content(0))


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


def typescript_figures() -> tuple[dict[str, float], str]:
    """Return the figures of the TypeScript packages, and where they come from."""
    folder, node = os.environ.get("ARVO_TS_DIST"), shutil.which("node")
    if not folder or not node:
        return PUBLISHED, "published"
    script = Path(folder) / ".arvo-benchmark.mjs"
    script.write_text(TYPESCRIPT.read_text())
    try:
        output = subprocess.run([node, script], capture_output=True, text=True, check=True, cwd=folder).stdout
    finally:
        script.unlink()
    figures: dict[str, float] = json.loads(output)
    return figures, "measured"


def main(arguments: list[str]) -> None:
    """Measure, and print a table or JSON."""
    typescript, origin = typescript_figures()
    found = rows(typescript)
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
