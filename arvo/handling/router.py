"""Routers: many handlers behind one name, of which each event goes to that of its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from arvo.errors import ConfigViolation, InvalidValueError, described, nearest
from arvo.events import ArvoEvent
from arvo.handling.addressed import AddressedEventHandler
from arvo.handling.execution import ExecutionResult
from arvo.handling.execution_span import ROUTER
from arvo.handling.handler import ArvoEventHandler
from arvo.telemetry import current_headers, log


class ArvoEventRouter(AddressedEventHandler):
    """Takes the events that are addressed to it, and gives each to the handler of its type.

    What a handler answers leaves in the name of the router: with its source, and with its cost added.

    Attributes:
        handlers: The handlers by the type of event that they accept.
    """

    _kind = ROUTER
    _maker = "create_arvo_event_router"

    def __init__(self, *, source: str, executionunits: float, handlers: Iterable[ArvoEventHandler]) -> None:
        super().__init__(source, executionunits, None)
        by_type = _by_type(handlers, f"{self._maker}(handlers=...)")
        self.handlers: Mapping[str, ArvoEventHandler] = MappingProxyType(by_type)

    async def _handle(self, event: ArvoEvent) -> ExecutionResult:
        handler = self.handlers.get(event.type)
        if handler is None:
            raise ConfigViolation(self._nobody(event))
        log("INFO", f"There is a handler for '{event.type}'")
        bare = replace(event, traceparent=None, tracestate=None)
        result = await handler.execute(bare, {"inheritFrom": "CONTEXT"})
        events = [self._in_its_own_name(answer) for answer in result.events]
        log("INFO", f"{len(events)} events are emitted")
        return replace(result, events=events)

    def _in_its_own_name(self, answer: ArvoEvent) -> ArvoEvent:
        trace = current_headers()
        return replace(
            answer,
            source=self.source,
            executionunits=(answer.executionunits or 0) + self.executionunits,
            traceparent=trace.traceparent,
            tracestate=trace.tracestate,
        )

    def _nobody(self, event: ArvoEvent) -> str:
        near = nearest(event.type, self.handlers)
        meant = f"send '{near}', or " if near else ""
        return (
            f"No registered handler found for event type '{event.type}' (event id='{event.id}', router "
            f"'{self.source}'). To fix: {meant}give the router a handler of that type, {self._maker}(handlers=[...])."
        )


def create_arvo_event_router(
    *, source: str, executionunits: float, handlers: Iterable[ArvoEventHandler]
) -> ArvoEventRouter:
    """Create a router: it takes the events whose `to` is its `source`, and gives each to the handler of its type.

    The handler sees the event without its trace headers. What comes back has the `source` of the router and the
    execution units of both; violations are raised as they are.

    Args:
        source: Its name, of parts of a-z and 0-9 with dots between them: `com.orders.all`.
        executionunits: Cost of routing one event, added to that of every event that comes back.
        handlers: The handlers, one for each type of event.

    Raises:
        ConfigViolation: Something of this is of another kind.
        InvalidValueError: The source is none that events can be sent to, or two handlers accept one type.
    """
    return ArvoEventRouter(source=source, executionunits=executionunits, handlers=handlers)


def _by_type(handlers: Any, place: str) -> dict[str, ArvoEventHandler]:
    if isinstance(handlers, str | bytes | Mapping) or not isinstance(handlers, Iterable):
        raise ConfigViolation(f"{place} is {described(handlers)}. To fix: give a list, handlers=[...].")
    found: dict[str, ArvoEventHandler] = {}
    for index, handler in enumerate(handlers):
        if not isinstance(handler, ArvoEventHandler):
            raise ConfigViolation(
                f"{place}[{index}] is {described(handler)}, not an ArvoEventHandler: its contract says which events it "
                "accepts. To fix: make one, create_arvo_event_handler(contract=contract, executionunits=1, "
                "handler={'1.0.0': function}); multi handlers, routers and orchestrators have their own names."
            )
        if handler.source in found:
            raise InvalidValueError(
                f"Duplicate handler registration detected for event type '{handler.source}' in {place}. Conflicts "
                f"between contracts: {found[handler.source].contract.uri} and {handler.contract.uri}. To fix: leave "
                "one of them out, or give each a router of its own."
            )
        found[handler.source] = handler
    return found
