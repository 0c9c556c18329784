"""The broker: carries events between handlers, one at a time, in the order in which they were sent."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Self, TypeAlias

from arvo.broker.app import EventApp
from arvo.broker.attempts import Attempts, OnError
from arvo.broker.subscriptions import Subscriber, Subscriptions, topic_of
from arvo.broker.timers import Timer, Timers
from arvo.broker.ways_out import WaysOut
from arvo.errors import ExecutionViolation, InvalidSubjectError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.handling import ExecutionResult, IArvoEventHandler, stand_in_error
from arvo.orchestration import ArvoOrchestrator, ArvoResumable
from arvo.wire import is_system_error_type

OnDomainedEvent: TypeAlias = Callable[[ArvoEvent, "SimpleEventBroker"], Awaitable[None] | None]

_ORCHESTRATIONS = (ArvoOrchestrator, ArvoResumable)
_logger = logging.getLogger(__name__)


class SimpleEventBroker:
    """Carries events between handlers, one at a time, in the order in which they were sent.

    An event without a domain goes to the handler whose `source` is its `to`, and to those who have subscribed to that;
    if there is none, it just stays in the log, and an orchestration that has sent it without a contract is told so by
    a system error. A produced event with a domain leaves the system through `on_domained_event`, which may publish
    it, or an answer to it, again. What one event makes somebody raise keeps no other event from being carried. An
    orchestration consumes an event, named by its source and id, once, however often it is sent. A system error that
    an orchestration has no transition for is logged. Time stands still: delayed transitions happen in `advance`.

    Attributes:
        events: Every event seen, in order.
        now_ms: The time, in milliseconds since the broker was created.
    """

    def __init__(
        self,
        handlers: Iterable[IArvoEventHandler],
        *,
        on_error: OnError | None = None,
        on_domained_event: OnDomainedEvent | None = None,
        max_events: int = 10_000,
    ) -> None:
        """Connect handlers.

        Args:
            handlers: What consumes events, each under its `source`.
            on_error: Told what a handler, a subscriber, a publisher or `on_domained_event` raised, and on which event.
                Unset: when all events are carried, the first of it is raised, with the rest in its notes.
            on_domained_event: Given every produced event that has a domain, and the broker.
            max_events: How many events one call may give rise to, so that an endless exchange is found.

        Raises:
            ValueError: Two handlers have the same source.
        """
        self.events: list[ArvoEvent] = []
        self.now_ms: float = 0
        self._max_events = max_events
        self._queue: deque[ArvoEvent] = deque()
        self._is_busy = False
        self._attempts = Attempts(on_error)
        self._timers = Timers()
        self._consumed: set[tuple[str, ...]] = set()
        self._last_to: dict[str, ArvoEvent] = {}
        self._subscriptions = Subscriptions()
        self._handlers: set[str] = set()
        self._completions: set[str] = set()
        self._hook = None if on_domained_event is None else partial(_with_broker, on_domained_event, self)
        self._ways_out = WaysOut(None, self._hook, self._completions)
        for handler in handlers:
            self._connect(handler)

    @classmethod
    def of(
        cls,
        app: EventApp,
        *,
        on_error: OnError | None = None,
        on_domained_event: OnDomainedEvent | None = None,
        max_events: int = 10_000,
    ) -> Self:
        """Run a whole app, such as an `ArvoApp`, without Temporal: for tests in milliseconds.

        Produced events go where they would go on Temporal: to a member of the app; one with a domain to the publisher
        of its domain, and to `on_domained_event`; one that no member, subscriber or other app takes to the publisher
        under None. The orchestration that has sent what nobody takes is told by a system error.

        Args:
            app: Its handlers, orchestrators and publishers; the types in its `task_queues` are for other apps, and
                stay in the log.
            on_error: As for the constructor.
            on_domained_event: As for the constructor.
            max_events: As for the constructor.

        Raises:
            ValueError: Two members have the same source.
        """
        members = [*app.handlers.values(), *app.orchestrators.values()]
        broker = cls(members, on_error=on_error, on_domained_event=on_domained_event, max_events=max_events)
        broker._ways_out = WaysOut(app, broker._hook, broker._completions)
        return broker

    @property
    def topics(self) -> tuple[str, ...]:
        """What somebody takes: the sources of the handlers, and what was subscribed to."""
        return self._subscriptions.topics

    @property
    def queue_length(self) -> int:
        """How many events wait to be carried."""
        return len(self._queue)

    def get_subscriber_count(self, topic: str) -> int:
        """How many take the events to a topic, a handler included."""
        return len(self._subscriptions.to(topic))

    def subscribe(self, topic: str, subscriber: Subscriber, *, assert_unique: bool = False) -> Callable[[], None]:
        """Give the events to a topic to a function.

        Args:
            topic: The `to` of the events; the type of those that have none.
            subscriber: Takes an event; sync or async. It may publish others.
            assert_unique: Whether to refuse a topic that somebody takes already.

        Returns:
            A function that ends the subscription.

        Raises:
            ValueError: Somebody takes the topic already, and `assert_unique` is set.
        """
        if assert_unique and topic in self._subscriptions:
            raise ValueError(f"Only one subscriber is allowed for the topic '{topic}', and there is one.")
        return self._subscriptions.begin(topic, subscriber)

    async def publish(self, event: ArvoEvent) -> None:
        """Send an event, and return when all that follows from it is done; its domain is not looked at.

        Called from a handler or a hook, it only puts the event in line.

        Raises:
            ExecutionViolation: The exchange of events does not end.
            Exception: What a handler or hook raised, if there is no `on_error`; what that raised, if there is one.
        """
        self._send(event)
        if not self._is_busy:
            await self._work(self._carry)

    async def resolve(self, event: ArvoEvent) -> ArvoEvent | None:
        """Publish an event, and return the last one that is sent back to its source.

        Returns:
            The final event of the chain, or None if nothing came back.

        Raises:
            ValueError: The event's source is a handler of this broker, which would get the answers.
            RuntimeError: It was called from a handler or a hook.
            Exception: As `publish` does.
        """
        if event.source in self._handlers:
            raise ValueError(
                f"The event's source '{event.source}' is a handler of this broker, so nothing would come back. "
                f"To fix: give it the source of whoever asks."
            )
        self._require_rest("resolve")
        self._last_to.pop(event.source, None)
        await self.publish(event)
        answer = self._last_to.get(event.source)
        return None if answer is event else answer

    async def advance(self, milliseconds: float) -> None:
        """Let time pass: delayed transitions that come due happen, each at its own moment.

        Raises:
            RuntimeError: It was called from a handler or a hook.
            Exception: As `publish` does.
        """
        self._require_rest("advance")
        await self._work(partial(self._pass_time, self.now_ms + milliseconds))

    def _connect(self, handler: IArvoEventHandler) -> None:
        if handler.source in self._handlers:
            raise ValueError(f"Two handlers have the source '{handler.source}': events could go to either.")
        self._handlers.add(handler.source)
        self._subscriptions.begin(handler.source, partial(self._consume, handler))
        if isinstance(handler, _ORCHESTRATIONS):
            self._completions.add(handler.self_contract.metadata["completeEventType"])

    def _require_rest(self, name: str) -> None:
        if self._is_busy:
            raise RuntimeError(
                f"SimpleEventBroker.{name} was called while the broker carries events, and cannot wait for them. "
                f"To fix: publish within handlers and hooks, and call {name} when publish has returned."
            )

    async def _work(self, work: Callable[[], Awaitable[None]]) -> None:
        self._is_busy = True
        try:
            await self._attempts.during(work)
        finally:
            self._is_busy = False
            self._queue.clear()

    async def _carry(self) -> None:
        last = len(self.events) + self._max_events
        while self._queue:
            event = self._queue.popleft()
            self._last_to[topic_of(event)] = event
            for subscriber in self._subscriptions.to(topic_of(event)):
                await self._attempts.make(partial(subscriber, event), event)
            if len(self.events) > last:
                raise ExecutionViolation(
                    f"The exchange of events does not end: {self._max_events} events, the last ones of type "
                    f"{', '.join(sent.type for sent in self.events[-3:])}. To fix: break the circle, or "
                    f"raise max_events."
                )

    async def _pass_time(self, end_ms: float) -> None:
        while (timer := self._timers.pop_due(end_ms)) is not None:
            self.now_ms = timer.due_ms
            await self._attempts.make(partial(self._fire, timer), timer.event)
            await self._carry()
        self.now_ms = end_ms

    async def _consume(self, handler: IArvoEventHandler, event: ArvoEvent) -> None:
        if _named(handler, event) not in self._consumed:
            await self._conclude(await handler.execute(event), handler, event)

    async def _fire(self, timer: Timer) -> None:
        await self._conclude(await timer.fire(), timer.orchestrator, timer.event)

    async def _conclude(self, result: ExecutionResult, handler: IArvoEventHandler, event: ArvoEvent) -> None:
        if isinstance(handler, _ORCHESTRATIONS) and result.consumed:
            self._consumed.add(_named(handler, event))
            _say_if_unheard(event, result)
        if isinstance(handler, ArvoOrchestrator):
            for timer in result.timers:
                self._timers.set(timer, handler, event, self.now_ms)
        for produced in result.events:
            await self._emit(produced, event)

    async def _emit(self, produced: ArvoEvent, consumed: ArvoEvent) -> None:
        if produced.domain is None:
            self._send(produced)
            if topic_of(produced) in self._subscriptions or self._ways_out.has_other_app_for(produced):
                return
        else:
            self.events.append(produced)
        calls = self._ways_out.of(produced)
        for call in calls:
            await self._attempts.make(call, produced)
        complaint = None if calls else self._ways_out.complaint(produced)
        if complaint is not None:
            self._complain(complaint, produced, consumed)

    def _send(self, event: ArvoEvent) -> None:
        self.events.append(event)
        self._queue.append(event)

    def _complain(self, complaint: str, event: ArvoEvent, consumed: ArvoEvent) -> None:
        """Tell the orchestration in whose name an event was sent that nobody takes it."""
        try:
            orchestrator = ArvoOrchestrationSubject.parse(consumed.subject).orchestrator.name
        except InvalidSubjectError:
            return
        if orchestrator in self._handlers:
            self._send(replace(stand_in_error(event, consumed.subject, "NoRoute", complaint), to=orchestrator))


def _with_broker(hook: OnDomainedEvent, broker: SimpleEventBroker, event: ArvoEvent) -> Awaitable[None] | None:
    return hook(event, broker)


def _named(handler: IArvoEventHandler, event: ArvoEvent) -> tuple[str, ...]:
    """Return what names an event among all that go to a handler, as CloudEvents and a subject tell them apart."""
    return handler.source, event.subject, *event.key


def _say_if_unheard(event: ArvoEvent, result: ExecutionResult) -> None:
    if not result.handled and is_system_error_type(event.type):
        problem = f"{event.data.get('errorName')}: {event.data.get('errorMessage')}"
        _logger.error("Nobody handles '%s' in the orchestration '%s': %s", event.type, event.subject, problem)
