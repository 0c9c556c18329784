"""How the cost of an orchestration grows: `python -m benchmarks.temporal.growth`."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from uuid import uuid4

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from temporalio.client import Client
from temporalio.worker import Worker

from adapter.identity import workflow_id
from arvo import (
    ArvoMachine,
    assign,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, DevServer, run_command
from benchmarks.temporal import adapted
from benchmarks.temporal.adapted import CALL, VERSION
from benchmarks.temporal.measuring import history_cost, side_by_side
from benchmarks.temporal.services import Total

_SENDERS = 32
_REPEATED = 3
_STATES = (10, 100, 1000)
_CHILDREN = (1, 4, 16)


class Work(BaseModel):
    events: int
    key: str


class Note(BaseModel):
    by: int
    text: str


class Load(BaseModel):
    """What one orchestration gets to do: its machine, how many events come from outside, and their text's length."""

    machine: str
    events: int = 10
    text: int = 10


NOTES = create_arvo_contract(
    uri="#/benchmark/notes",
    type="com.notes.start",
    versions={VERSION: {"accepts": Work, "emits": {"evt.notes.taken": Note}}},
)
_NEST = emit(
    lambda context: {"type": CALL.type, "data": {"parentSubject$$": context["subject"], "key": context["key"]}}
)
_COUNT_DOWN = assign(lambda context: {"open": context["open"] - 1})
_note = create_arvo_event_factory(NOTES.version(VERSION)).emits


def _machine(name: str, *, states: int = 2, children: int = 0) -> ArvoMachine:
    contract = create_arvo_orchestrator_contract(
        uri=f"#/benchmark/{name}", name=name, versions={VERSION: {"init": Work, "complete": Total}}
    )
    services = {"notes": NOTES.version(VERSION), "call": CALL.version(VERSION)}
    setup = setup_arvo_machine(contracts={"self": contract.version(VERSION), "services": services})
    unused = {f"unused{number}": {"on": {"evt.notes.taken": "done"}} for number in range(states - 2)}
    return setup.create_machine(
        {
            "id": name,
            "context": lambda input: {
                "subject": input.subject,
                "key": input.data["key"],
                "open": input.data["events"] + children,
            },
            "initial": "working",
            "states": {
                "working": {
                    "entry": [_NEST] * children,
                    "on": {type_: {"actions": _COUNT_DOWN} for type_ in ("evt.notes.taken", f"{CALL.type}.done")},
                    "always": {"guard": lambda context: context["open"] == 0, "target": "done"},
                },
                **unused,
                "done": {"type": "final"},
            },
            "output": {"total": 0},
        }
    )


MACHINES = {
    "plain": _machine("plain"),
    **{f"states{count}": _machine(f"states{count}", states=count) for count in _STATES},
    **{f"children{count}": _machine(f"children{count}", children=count) for count in _CHILDREN},
}
SWEEPS: Mapping[str, Sequence[tuple[str, Load]]] = {
    "events": [(f"{count:,}", Load(machine="plain", events=count)) for count in (10, 100, 1000)],
    "states": [(f"{count:,}", Load(machine=f"states{count}")) for count in _STATES],
    "children": [(f"{count:,}", Load(machine=f"children{count}", events=0)) for count in _CHILDREN],
    "characters in each event": [(f"{size:,}", Load(machine="plain", text=size)) for size in (10, 1_000, 100_000)],
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one orchestration has cost, children included; seconds of CPU are those of worker and sender together."""

    seconds: float
    cpu: float
    history_events: float
    history_bytes: float


async def run_one(client: ArvoClient, load: Load) -> Cost:
    """Run one orchestration under a load."""
    machine = MACHINES[load.machine]
    init = create_arvo_orchestrator_event_factory(machine.contracts["self"]).init(
        source="com.benchmark.client", data={"parentSubject$$": None, "events": load.events, "key": "answer"}
    )
    notes = [
        _note(
            type="evt.notes.taken",
            source=NOTES.type,
            subject=init.subject,
            to=machine.source,
            data={"by": 1, "text": "x" * load.text},
        )
        for _ in range(load.events)
    ]
    start, cpu = time.perf_counter(), time.process_time()
    await client.deliver(init)
    await side_by_side(_SENDERS, [partial(client.deliver, note) for note in notes])
    await client.result(init.subject)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    history = await history_cost(client.client, workflow_id(init.subject))
    return Cost(seconds, cpu, history.events, history.size)


async def sweep(client: ArvoClient, name: str) -> Table:
    """Return the table of one dimension: medians of some repetitions, after one that does not count."""
    shown = Table(title=f"by {name}", title_justify="left", title_style="bold")
    for column in (name, "ms", "CPU ms", "history events", "history bytes"):
        shown.add_column(column, justify="right")
    for label, load in SWEEPS[name]:
        costs = [await run_one(client, load) for _ in range(_REPEATED + 1)][1:]
        cost = Cost(*map(statistics.median, zip(*map(astuple, costs), strict=True)))
        figures = (cost.seconds * 1000, cost.cpu * 1000, cost.history_events, cost.history_bytes)
        shown.add_row(label, *(f"{figure:,.0f}" for figure in figures))
    return shown


async def _main(_stop: asyncio.Event) -> int:
    machines = [*MACHINES.values(), adapted.call_machine]
    app = ArvoApp(
        orchestrators=[create_arvo_orchestrator(executionunits=1, machines=[machine]) for machine in machines],
        handlers=adapted.handlers(),
        task_queue=f"growth-{uuid4()}",
    )
    console = Console()
    async with DevServer(ui=False) as server:
        client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
        async with Worker(client, task_queue=app.task_queue):
            for name in SWEEPS:
                console.print(await sweep(ArvoClient(client, app), name))
    return 0


if __name__ == "__main__":
    run_command(_main)
