"""A whole system in one process: handlers and orchestrations that send events to each other."""

from __future__ import annotations

import heapq
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from arvo.errors import ExecutionViolation
from arvo.events import ArvoEvent
from arvo.handling import ExecutionResult, IArvoEventHandler, stand_in_error
from arvo.orchestration import ArvoOrchestrator, ArvoResumable
from arvo.statechart import Cancel, Schedule
from arvo.wire import is_system_error_type

__all__ = [
    "SimpleEventBroker",
]

_NOBODY = "Nobody takes '{}': no contract of the orchestration and no handler of this broker has this type."
_logger = logging.getLogger(__name__)

OnError = Callable[[Exception, ArvoEvent], Awaitable[None] | None]
OnDomainedEvent = Callable[[ArvoEvent, "SimpleEventBroker"], Awaitable[None] | None]


@dataclass(frozen=True, slots=True, order=True)
class _Timer:
    due_ms: float
    position: int
    delayed: Schedule = field(compare=False)
    event: ArvoEvent = field(compare=False)
    orchestrator: ArvoOrchestrator = field(compare=False)


class SimpleEventBroker:
    """Carries events between handlers, one at a time, in the order in which they were sent.

    An event without a domain goes to the handler whose `source` is its `to`; if there is none, it just stays in
    the log, and an orchestration that has sent it without a contract is told so by a system error. A produced
    event with a domain leaves the system through `on_domained_event`, which may publish it, or an answer to it,
    again. An orchestration consumes an event, named by its source and id, once, however often it is sent. A system
    error that an orchestration has no transition for is logged. Time stands still: delayed transitions happen in
    `advance`.

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
            on_error: Told what a handler raised on which event; the other events go on. Unset: the error is
                raised, and the events that wait are dropped.
            on_domained_event: Given every produced event that has a domain, and the broker.
            max_events: How many events one call may give rise to, so that an endless exchange is found.

        Raises:
            ValueError: Two handlers have the same source.
        """
        self.events: list[ArvoEvent] = []
        self.now_ms: float = 0
        self._handlers: dict[str, IArvoEventHandler] = {}
        for handler in handlers:
            if handler.source in self._handlers:
                raise ValueError(f"Two handlers have the source '{handler.source}': events could go to either.")
            self._handlers[handler.source] = handler
        self._on_error = on_error
        self._on_domained_event = on_domained_event
        self._max_events = max_events
        self._queue: deque[ArvoEvent] = deque()
        self._running = False
        self._timers: list[_Timer] = []
        self._scheduled = 0
        self._consumed: set[tuple[str, ...]] = set()

    async def publish(self, event: ArvoEvent) -> None:
        """Send an event, and return when all that follows from it is done; its domain is not looked at.

        Called from a handler or a hook, it only puts the event in line.

        Raises:
            ExecutionViolation: The exchange of events does not end.
            Exception: What a handler raised, if there is no `on_error`.
        """
        self._send(event)
        await self._run()

    async def resolve(self, event: ArvoEvent) -> ArvoEvent | None:
        """Publish an event, and return the last one that is sent back to its source.

        Returns:
            The final event of the chain, or None if nothing came back.

        Raises:
            ValueError: The event's source is a handler of this broker, which would get the answers.
            Exception: As `publish` does.
        """
        if event.source in self._handlers:
            raise ValueError(
                f"The event's source '{event.source}' is a handler of this broker, so nothing would come back. "
                f"To fix: give it the source of whoever asks."
            )
        seen = len(self.events) + 1
        await self.publish(event)
        answers = [sent for sent in self.events[seen:] if sent.to == event.source and sent.domain is None]
        return answers[-1] if answers else None

    async def advance(self, milliseconds: float) -> None:
        """Let time pass: delayed transitions that come due happen, each at its own moment.

        Raises:
            Exception: As `publish` does.
        """
        end = self.now_ms + milliseconds
        while self._timers and self._timers[0].due_ms <= end:
            timer = heapq.heappop(self._timers)
            self.now_ms = timer.due_ms
            firing = timer.orchestrator.execute_delayed(timer.delayed, f"timer:{timer.position}", timer.event)
            await self._finish(firing, timer.orchestrator, timer.event)
            await self._run()
        self.now_ms = end

    async def _run(self) -> None:
        if self._running:
            return
        self._running = True
        last = len(self.events) + self._max_events
        try:
            while self._queue:
                event = self._queue.popleft()
                handler = self._handlers.get(event.to or event.type)
                if handler is not None and _named(handler, event) not in self._consumed:
                    await self._finish(handler.execute(event), handler, event)
                if len(self.events) > last:
                    raise ExecutionViolation(
                        f"The exchange of events does not end: {self._max_events} events, the last ones of type "
                        f"{', '.join(sent.type for sent in self.events[-3:])}. To fix: break the circle, or "
                        f"raise max_events."
                    )
        finally:
            self._running = False
            self._queue.clear()

    async def _finish(
        self, execution: Awaitable[ExecutionResult], handler: IArvoEventHandler, event: ArvoEvent
    ) -> None:
        try:
            result = await execution
        except Exception as error:
            if self._on_error is None:
                raise
            await _settled(self._on_error(error, event))
            return
        is_orchestration = isinstance(handler, ArvoOrchestrator | ArvoResumable)
        if is_orchestration and result.consumed:
            self._consumed.add(_named(handler, event))
            _say_if_unheard(event, result)
        if isinstance(handler, ArvoOrchestrator):
            for timer in result.timers:
                self._set_timer(timer, handler, event)
        for produced in result.events:
            if produced.domain is None:
                self._send(produced)
                if is_orchestration and self._is_for_nobody(produced):
                    self._send(stand_in_error(produced, event.subject, "NoRoute", _NOBODY.format(produced.type)))
            else:
                self.events.append(produced)
                if self._on_domained_event is not None:
                    await _settled(self._on_domained_event(produced, self))

    def _is_for_nobody(self, event: ArvoEvent) -> bool:
        """Tell whether nobody can answer: an event of a contract may be answered from outside by `publish`."""
        return event.dataschema is None and (event.to or event.type) not in self._handlers

    def _send(self, event: ArvoEvent) -> None:
        self.events.append(event)
        self._queue.append(event)

    def _set_timer(self, timer: Schedule | Cancel, orchestrator: ArvoOrchestrator, event: ArvoEvent) -> None:
        if timer.id is not None:
            self._timers = [
                other for other in self._timers if other.delayed.id != timer.id or other.event.subject != event.subject
            ]
            heapq.heapify(self._timers)
        if isinstance(timer, Schedule):
            self._scheduled += 1
            due = self.now_ms + timer.delay_ms
            heapq.heappush(self._timers, _Timer(due, self._scheduled, timer, event, orchestrator))


def _named(handler: IArvoEventHandler, event: ArvoEvent) -> tuple[str, ...]:
    """Return what names an event among all that go to a handler, as CloudEvents and a subject tell them apart."""
    return handler.source, event.subject, *event.key


def _say_if_unheard(event: ArvoEvent, result: ExecutionResult) -> None:
    if not result.handled and is_system_error_type(event.type):
        problem = f"{event.data.get('errorName')}: {event.data.get('errorMessage')}"
        _logger.error("Nobody handles '%s' in the orchestration '%s': %s", event.type, event.subject, problem)


async def _settled(result: Awaitable[None] | None) -> None:
    if inspect.isawaitable(result):
        await result
