"""The app: everything that one worker serves, and where each produced event goes."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeAlias

from temporalio.converter import PayloadCodec

from adapter import members
from adapter.dead_letters import DeadLetterPublisher
from adapter.errors import AppError
from adapter.limits import Limits
from adapter.members import AnyHandler
from adapter.names import ACTIVITIES, DEAD_LETTER
from adapter.policies import ChildPolicy, EmissionPolicy, StepMode
from adapter.search_attributes import ChosenAttribute
from arvo.checking import ArvoWarning
from arvo.events import ArvoEvent
from arvo.orchestration import ArvoMachine, ArvoOrchestrator, ArvoResumable, Orchestration

AnyOrchestrator: TypeAlias = Orchestration[Any, Any]
"""What makes the steps of an orchestration: an `ArvoOrchestrator` or an `ArvoResumable`."""

Publisher = Callable[[ArvoEvent], Awaitable[None] | None]
"""Takes an event out of this app: to a broker, an HTTP endpoint, a function. Called at least once per event; a plain
function is called on a thread."""

_TASK_QUEUE = "arvo"


class ArvoApp:
    """An application: its orchestrators, its handlers and the ways out of it.

    Args:
        orchestrators: The orchestrators and resumables whose orchestrations run as workflows; one per type.
        handlers: The event handlers that run as activities, one per type: those of contracts, and multi handlers and
            routers, which take the events whose `to` is their source.
        publishers: Domain to publisher. The publisher under `None` takes the events without a domain that nothing
            else in this app takes.
        task_queue: The Temporal task queue that workers of this app serve. Unset, it is the type of the first
            orchestrator, such as `arvo.orc.order`, else that of the first handler, else `arvo`: so two apps on one
            server do not take each other's work.
        task_queues: Type to task queue of the orchestrators and handlers that other apps serve.
        policies: Timeout and retries by handler type, by the type of a resumable for the calls of its function, or by
            domain for publishers; the others get the default.
        children: What orchestrations do with their children.
        limits: Bounds of what an orchestration remembers, takes and gives.
        codec: Encodes all payloads that Temporal stores of this app, for example by encryption. The app's plugin and
            client apply it; whoever else reads needs it too. It raises ValueError for what it will never read, which
            is refused; whatever else it raises lets the orchestration wait for a worker that reads it.
        dead_letters: Takes what orchestrations refuse, at least once each. It is tried until it works, at most once a
            minute, if `policies` has nothing else for `arvo.deadletter`.
        search_attributes: What of orchestrations is a search attribute besides those that all have: `"state"` makes
            lists find them by their active states, for one event of the history whenever these change. A run keeps what
            it was started with.
        workflows: Plain Temporal workflows of yours, which workers of this app run besides.
        activities: Plain Temporal activities of yours, likewise.

    An `ArvoWarning` tells of a policy under a key that nothing uses.

    Raises:
        AppError: If a part is of another kind than it has to be, two members take the same type of event, or a handler
            of another app is to run locally.
    """

    def __init__(
        self,
        *,
        orchestrators: Iterable[AnyOrchestrator] = (),
        handlers: Iterable[AnyHandler] = (),
        publishers: Mapping[str | None, Publisher] | None = None,
        task_queue: str | None = None,
        task_queues: Mapping[str, str] | None = None,
        policies: Mapping[str | None, EmissionPolicy] | None = None,
        children: ChildPolicy | None = None,
        limits: Limits | None = None,
        codec: PayloadCodec | None = None,
        dead_letters: DeadLetterPublisher | None = None,
        search_attributes: Iterable[ChosenAttribute] = (),
        workflows: Iterable[type] = (),
        activities: Iterable[Callable[..., Any]] = (),
    ) -> None:
        self.orchestrators: dict[str, AnyOrchestrator] = {}
        self.handlers: dict[str, AnyHandler] = {}
        self.publishers: dict[str | None, Publisher] = members.publishers(publishers)
        self.task_queues: dict[str, str] = members.task_queues(task_queues)
        self.policies: dict[str | None, EmissionPolicy] = members.policies(policies)
        self.children = members.one_of(children, ChildPolicy, "children") or ChildPolicy()
        self.limits = members.one_of(limits, Limits, "limits") or Limits()
        self.codec = members.codec(codec)
        self.dead_letters = dead_letters
        self.search_attributes: frozenset[str] = members.search_attributes(search_attributes)
        self.workflows: list[type] = members.functions(workflows, "workflows")
        self.activities: list[Callable[..., Any]] = members.functions(activities, "activities")
        self._default_policy = EmissionPolicy()
        if dead_letters is not None:
            members.taker(dead_letters, "dead_letters=...", "the dead letter")
        for orchestrator in members.orchestrators(orchestrators):
            self._claim(orchestrator.source, "orchestrators", orchestrator)
            self.orchestrators[orchestrator.source] = orchestrator
        for handler in members.handlers(handlers):
            self._claim(handler.source, "handlers", handler)
            self.handlers[handler.source] = handler
        for source in self.task_queues:
            self._claim(source, "task_queues")
            self._refuse_local(source)
        members.check_modes(self.policies, self.resumables)
        for finding in members.unused_policies(self.policies, self.policy_keys) if self.name else ():
            warnings.warn(ArvoWarning(finding), stacklevel=2)
        self.task_queue = members.one_of(task_queue, str, "task_queue") or self.name or _TASK_QUEUE

    @property
    def name(self) -> str | None:
        """The type of its first orchestrator, else of its first handler, else None: what tells it from other apps."""
        return next(iter((*self.orchestrators, *self.handlers)), None)

    @property
    def resumables(self) -> dict[str, ArvoResumable]:
        """Those of its orchestrators that are functions, by type."""
        return {source: one for source, one in self.orchestrators.items() if isinstance(one, ArvoResumable)}

    @property
    def machines(self) -> list[ArvoMachine]:
        """The machines of all its orchestrators."""
        found = (one for one in self.orchestrators.values() if isinstance(one, ArvoOrchestrator))
        return [machine for one in found for machine in one.registry.machines]

    @property
    def policy_keys(self) -> set[str | None]:
        """The keys of `policies` that mean something: who takes events, and by which domain they leave."""
        return {*self.orchestrators, *self.handlers, *self.task_queues, *self.publishers, DEAD_LETTER}

    def policy(self, name: str | None) -> EmissionPolicy:
        """Return the policy of a handler type or a publisher's domain."""
        return self.policies.get(name, self._default_policy)

    def step_mode(self, orchestrator: str) -> StepMode:
        """Return where the steps of an orchestration are made: of a machine `inline`, of a resumable by its policy."""
        return self.policy(orchestrator).step_mode if self._is_resumable(orchestrator) else "inline"

    def delivery_policy(self, orchestrator: str | None) -> EmissionPolicy:
        """Return the policy by which events are delivered to an orchestration of a type.

        What stands under the type of a resumable is for the calls of its function.
        """
        return self._default_policy if self._is_resumable(orchestrator) else self.policy(orchestrator)

    def _is_resumable(self, orchestrator: str | None) -> bool:
        return isinstance(self.orchestrators.get(orchestrator or ""), ArvoResumable)

    def _claim(self, source: str, place: str, member: AnyOrchestrator | AnyHandler | None = None) -> None:
        if source in ACTIVITIES:
            raise AppError(
                f"ArvoApp({place}=...): '{source}' is the name of an activity of every app. Give the member another "
                "source."
            )
        other = self.orchestrators.get(source) or self.handlers.get(source)
        if other is not None:
            this = "a task queue" if member is None else members.named(member)
            raise AppError(
                f"ArvoApp({place}=...): events to '{source}' are already taken by another member: "
                f"{members.named(other)}, and {this} would take them, too. Give each type to one orchestrator or "
                "handler; put versions of one contract into the same one, and give multi handlers and routers a source "
                "of their own."
            )

    def _refuse_local(self, source: str) -> None:
        if self.policy(source).mode == "local":
            raise AppError(
                f"ArvoApp(policies=...): '{source}' is of another task queue, so it cannot be done within a workflow "
                "task of this one. Give it the mode 'activity'."
            )
