"""Runs the vectors of resumables on Temporal: each node is the orchestrator of an app, each step an event for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Literal, get_args
from uuid import uuid4

from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.worker import Worker

from arvo.events import ArvoEvent
from arvo.orchestration.resumable import ArvoResumable
from arvo_temporal import (
    ArvoApp,
    ArvoClient,
    ArvoPlugin,
    EmissionPolicy,
    OrchestrationNotFoundError,
    TemporalMachineMemory,
)
from arvo_temporal.dev_server.server import DevServer
from tests.conformance.nodes import Node
from tests.conformance.report import Report
from tests.conformance.scenarios import Json, Scenario

Mode = Literal["step", "inline"]
MODES: tuple[Mode, ...] = get_args(Mode)

OTHERWISE: Mapping[str, str] = {
    "resumable/setup/locking-default-two": (
        "there is no lock to be denied: events of an orchestration are consumed one at a time, and wait for it"
    ),
    "resumable/setup/missing-version": "a version that nobody has is no violation: it waits for a worker that has it",
}
"""What Temporal necessarily does otherwise. No line of the vectors has a memory that fails: here that is the history,
and where the server does not answer, the sender is told by an error of its own.
"""


async def run_durably(lines: Iterable[Mapping[str, Any]], mode: Mode) -> Report:
    """Check lines on a dev server."""
    report = Report(f"resumable, on Temporal, {mode}", apart="are otherwise there")
    async with DevServer(ui=False) as server:
        for line in lines:
            if line["id"] in OTHERWISE:
                report.skipped[line["id"]] = OTHERWISE[line["id"]]
                continue
            difference = await DurableScenario(dict(line), server, mode).run()
            if difference is None:
                report.passed += 1
            else:
                report.failures[line["id"]] = difference
    return report


class DurableScenario(Scenario):
    """One run of a line on Temporal."""

    def __init__(self, line: Json, server: DevServer, mode: Mode) -> None:
        super().__init__(line)
        self._server = server
        self._mode = mode
        self._clients: dict[Node, ArvoClient] = {}

    async def run_steps(self, nodes: Mapping[str, Node]) -> str | None:
        """Serve each node by a worker of its own, and send it the events of its steps."""
        async with AsyncExitStack() as workers:
            for node in nodes.values():
                self._clients[node] = await self._serve(node, workers)
            return await super().run_steps(nodes)

    async def _serve(self, node: Node, workers: AsyncExitStack) -> ArvoClient:
        assert isinstance(node, ArvoResumable), "the vectors of resumables have no other nodes"
        policy = EmissionPolicy(mode=self._mode, retry=RetryPolicy(maximum_attempts=1))
        app = ArvoApp(
            orchestrators=[node],
            publishers=dict.fromkeys(self._domains(), _take),
            policies={node.source: policy},
            task_queue=f"conformance-{uuid4()}",
        )
        client = await Client.connect(self._server.address, plugins=[ArvoPlugin(app)])
        await workers.enter_async_context(Worker(client, task_queue=app.task_queue))
        return ArvoClient(client, app)

    def _domains(self) -> set[str | None]:
        """Return the domains that something leaves for; the line's next steps are what comes of it."""
        events = [event for step in self.line["expect"]["steps"] for event in step.get("events") or ()]
        return {None, *(event["domain"] for event in events)}

    async def execute(self, node: Node, event: ArvoEvent, step: Json) -> list[ArvoEvent]:
        """Send an event to its orchestration; nothing comes of it where there is none, or where it has ended."""
        try:
            return list((await self._clients[node].execute(event)).events)
        except OrchestrationNotFoundError:
            return []

    async def read(self, subject: str) -> Any:
        """Return the record that Temporal has."""
        for client in self._clients.values():
            record = await TemporalMachineMemory(client.client).read(subject)
            if record is not None:
                return record
        return None


async def _take(event: ArvoEvent) -> None:
    """Take what leaves."""
