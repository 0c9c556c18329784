"""The app: everything that one worker serves, and where each produced event goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from temporalio.common import RetryPolicy
from temporalio.converter import PayloadCodec

from adapter.dead_letters import DeadLetterPublisher
from adapter.errors import AppError
from arvo.events import ArvoEvent
from arvo.handling import ArvoEventHandler
from arvo.orchestration import ArvoOrchestrator

Publisher = Callable[[ArvoEvent], Awaitable[None]]
"""Takes an event out of this app: to a broker, an HTTP endpoint, a function. Called at least once per event."""

EmissionMode = Literal["activity", "local"]


def _default_retry() -> RetryPolicy:
    return RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(minutes=1),
        maximum_attempts=8,
    )


@dataclass(frozen=True, slots=True)
class EmissionPolicy:
    """How an emission is performed, how long it may take and how often it is tried.

    Attributes:
        timeout: Longest time of one try (Temporal's start-to-close timeout).
        retry: Temporal's retry policy; the default tries 8 times over about two minutes.
        deadline: Longest time of all tries together, waiting for a worker included (schedule-to-close timeout); None
            leaves the bound to `retry`, so that events wait for as long as no worker runs.
        heartbeat: For tries that may take long: a worker that gives no sign of life for this time is taken for dead,
            and the event is handled again. Three signs are given in that time, unless the code blocks the event loop.
            None waits until `timeout` is over.
        mode: `activity`, or `local` for what is done in a few seconds: it runs within the workflow task of the
            orchestration, on the same worker, and costs one history event where an activity costs six. A worker that
            dies in between does it again, with everything else of that workflow task.

    Raises:
        AppError: If a local emission is to have heartbeats.
    """

    timeout: timedelta = timedelta(minutes=1)
    retry: RetryPolicy = field(default_factory=_default_retry)
    deadline: timedelta | None = None
    heartbeat: timedelta | None = None
    mode: EmissionMode = "activity"

    def __post_init__(self) -> None:
        if self.mode == "local" and self.heartbeat is not None:
            raise AppError(
                "EmissionPolicy(mode='local', heartbeat=...): what runs within a workflow task has no heartbeats, it "
                "is done again with the task. Leave one of the two out."
            )


@dataclass(frozen=True, slots=True)
class ChildPolicy:
    """What an orchestration does with those that it has started as its children.

    Attributes:
        on_cancel: What happens to the open children of an orchestration that is cancelled: they go on (`abandon`), are
            asked to end, and do the same with theirs (`cancel`), or are ended at once (`terminate`), theirs excepted.
        timeout: Longest time that a child may take, over all runs of its workflow; None for any.
    """

    on_cancel: Literal["abandon", "cancel", "terminate"] = "abandon"
    timeout: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what an orchestration remembers, and of what it takes and gives.

    A run of a workflow keeps those that it was started with; a change holds from the next run on.

    Attributes:
        remembered_ids: How many ids of consumed events are kept to recognise a repetition.
        ledger: How many fates of events the `ledger` and `violations` queries answer, newest last.
        deliveries_per_run: After how many deliveries the workflow continues as new. Temporal ends a run at 10,000
            signals and its own suggestion does not count them.
        event_bytes: Longest event, and the longest answer of a handler in all, as JSON. Temporal takes 2 MiB.
        record_bytes: Longest record, which has the state, the last event consumed and what came of it, as JSON. A step
            that would make it longer is refused. Temporal takes 2 MiB from run to run, the waiting events included.
    """

    remembered_ids: int = 4096
    ledger: int = 256
    deliveries_per_run: int = 2000
    event_bytes: int = 1024 * 1024
    record_bytes: int = 1536 * 1024


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
            client apply it; whoever else reads needs it too.
        dead_letters: Takes what orchestrations refuse, at least once each. It is tried until it works, at most once a
            minute, if `policies` has nothing else for `arvo.deadletter`.

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
