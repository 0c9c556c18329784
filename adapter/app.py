"""The app: everything that one worker serves, and where each produced event goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from temporalio.converter import PayloadCodec

from adapter.dead_letters import DeadLetterPublisher
from adapter.errors import AppError
from adapter.limits import Limits
from adapter.policies import ChildPolicy, EmissionPolicy
from arvo.events import ArvoEvent
from arvo.handling import ArvoEventHandler
from arvo.orchestration import ArvoOrchestrator

Publisher = Callable[[ArvoEvent], Awaitable[None] | None]
"""Takes an event out of this app: to a broker, an HTTP endpoint, a function. Called at least once per event; a plain
function is called on a thread."""


class ArvoApp:
    """An application: its orchestrators, its handlers and the ways out of it.

    Args:
        orchestrators: The orchestrators whose orchestrations run as workflows; one per type.
        handlers: The event handlers that run as activities; one per type.
        publishers: Domain to publisher. The publisher under `None` takes the events without a domain that nothing
            else in this app takes.
        task_queue: The Temporal task queue that workers of this app serve.
        task_queues: Type to task queue of the orchestrators and handlers that other apps serve.
        policies: Timeout and retries by handler type, or by domain for publishers; the others get the default.
        children: What orchestrations do with their children.
        limits: Bounds of what an orchestration remembers, takes and gives.
        codec: Encodes all payloads that Temporal stores of this app, for example by encryption. The app's plugin and
            client apply it; whoever else reads needs it too. It raises ValueError for what it will never read, which
            is refused; whatever else it raises lets the orchestration wait for a worker that reads it.
        dead_letters: Takes what orchestrations refuse, at least once each. It is tried until it works, at most once a
            minute, if `policies` has nothing else for `arvo.deadletter`.
        workflows: Plain Temporal workflows of yours, which workers of this app run besides.
        activities: Plain Temporal activities of yours, likewise.

    Raises:
        AppError: If two members take the same type of event, or a handler of another app is to run locally.
    """

    def __init__(
        self,
        *,
        orchestrators: Iterable[ArvoOrchestrator] = (),
        handlers: Iterable[ArvoEventHandler] = (),
        publishers: Mapping[str | None, Publisher] | None = None,
        task_queue: str = "arvo",
        task_queues: Mapping[str, str] | None = None,
        policies: Mapping[str | None, EmissionPolicy] | None = None,
        children: ChildPolicy | None = None,
        limits: Limits | None = None,
        codec: PayloadCodec | None = None,
        dead_letters: DeadLetterPublisher | None = None,
        workflows: Iterable[type] = (),
        activities: Iterable[Callable[..., Any]] = (),
    ) -> None:
        self.orchestrators: dict[str, ArvoOrchestrator] = {}
        self.handlers: dict[str, ArvoEventHandler] = {}
        self.publishers: dict[str | None, Publisher] = dict(publishers or {})
        self.task_queue = task_queue
        self.task_queues: dict[str, str] = dict(task_queues or {})
        self.policies: dict[str | None, EmissionPolicy] = dict(policies or {})
        self.children = children or ChildPolicy()
        self.limits = limits or Limits()
        self.codec = codec
        self.dead_letters = dead_letters
        self.workflows = list(workflows)
        self.activities = list(activities)
        self._default_policy = EmissionPolicy()
        for orchestrator in orchestrators:
            self._claim(orchestrator.source, "orchestrators")
            self.orchestrators[orchestrator.source] = orchestrator
        for handler in handlers:
            self._claim(handler.source, "handlers")
            self.handlers[handler.source] = handler
        for source in self.task_queues:
            self._claim(source, "task_queues")
            self._refuse_local(source)

    def policy(self, name: str | None) -> EmissionPolicy:
        """Return the policy of a handler type or a publisher's domain."""
        return self.policies.get(name, self._default_policy)

    def _claim(self, source: str, place: str) -> None:
        if source in self.orchestrators or source in self.handlers:
            raise AppError(
                f"ArvoApp({place}=...): events of type '{source}' are already taken by another member. "
                "Give each type to one orchestrator or handler; put versions of one contract into the same one."
            )

    def _refuse_local(self, source: str) -> None:
        if self.policy(source).mode == "local":
            raise AppError(
                f"ArvoApp(policies=...): '{source}' is of another task queue, so it cannot be done within a workflow "
                "task of this one. Give it the mode 'activity'."
            )
