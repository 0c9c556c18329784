"""Multi handlers: one function for many types of event, without a contract."""

from __future__ import annotations

from typing import Any, NotRequired, cast

from opentelemetry.trace import get_current_span

from arvo.errors import ConfigViolation, InvalidEventError, described
from arvo.events import ArvoEvent, Domains, create_arvo_event
from arvo.handling.addressed import AddressedEventHandler
from arvo.handling.arguments import wanted_arguments
from arvo.handling.calling import call
from arvo.handling.execution import ExecutionResult, reproducible, request_name
from arvo.handling.execution_span import MULTI_HANDLER
from arvo.handling.given import outputs_of
from arvo.handling.output import (
    HandlerEmissionDomains,
    HandlerFunction,
    HandlerOutput,
    answer_domains,
    answer_fields,
)
from arvo.telemetry import log

_ARGUMENTS = ("event", "source", "span")


class MultiHandlerOutput(HandlerOutput):
    """An event that a multi handler returns: that of a handler, of any type, and with what a contract would fill in.

    Attributes:
        dataschema: The contract that the event follows and its version, `contract.version("1.0.0").dataschema`. An
            orchestration takes an answer of its service by it.
        datacontenttype: Else Arvo's own.
        specversion: `1.0`.
    """

    dataschema: NotRequired[str | None]
    datacontenttype: NotRequired[str | None]
    specversion: NotRequired[str | None]


class MultiArvoEventHandler(AddressedEventHandler):
    """A stateless service that takes events of any type that are addressed to it, and answers with any others.

    Attributes:
        handler: The function.
        default_event_emission_domains: Domains of events that name none; its `system_error` precedes
            `system_error_domain`.
    """

    _kind = MULTI_HANDLER
    _maker = "create_multi_arvo_event_handler"

    def __init__(
        self,
        *,
        source: str,
        executionunits: float,
        handler: HandlerFunction,
        system_error_domain: Domains | None = None,
        default_event_emission_domains: HandlerEmissionDomains | None = None,
    ) -> None:
        domains: HandlerEmissionDomains = default_event_emission_domains or {}
        super().__init__(source, executionunits, domains.get("system_error", system_error_domain))
        if not callable(handler):
            raise ConfigViolation(
                f"{self._maker}(handler=...) of '{source}' is {described(handler)}. To fix: give one function, which "
                "looks at event.type itself; for one function a contract, make a router of handlers."
            )
        self.handler = handler
        self.default_event_emission_domains = domains
        self._arguments = wanted_arguments(handler, _ARGUMENTS, f"Handler of '{source}'")

    async def _handle(self, event: ArvoEvent) -> ExecutionResult:
        offered: dict[str, Any] = {"event": event, "source": self.source, "span": get_current_span()}
        result = await call(self.handler, **{name: offered[name] for name in self._arguments})
        if not result:
            return ExecutionResult()
        handler, emitted = f"The multi handler '{self.source}'", "evt.order.paid"
        outputs = outputs_of(result, self.handler, handler, emitted, InvalidEventError)
        with reproducible(*request_name(event)):
            events = [made for one in outputs for made in self._emit(cast("MultiHandlerOutput", one), event)]
        log("INFO", f"{len(events)} events are emitted")
        return ExecutionResult(events)

    def _emit(self, output: MultiHandlerOutput, event: ArvoEvent) -> list[ArvoEvent]:
        return [
            create_arvo_event(
                type=output["type"],
                data=output["data"],
                source=self.source,
                subject=event.subject,
                dataschema=output.get("dataschema"),
                datacontenttype=output.get("datacontenttype"),
                specversion=output.get("specversion"),
                **answer_fields(output, event, domain, self.executionunits),
            )
            for domain in answer_domains(output, event, None, self.default_event_emission_domains)
        ]


def create_multi_arvo_event_handler(
    *,
    source: str,
    executionunits: float,
    handler: HandlerFunction,
    system_error_domain: Domains | None = None,
    default_event_emission_domains: HandlerEmissionDomains | None = None,
) -> MultiArvoEventHandler:
    """Create a stateless service for many types of event, without a contract.

    It takes the events whose `to` is its `source`. The function, async or plain, takes by name any of `event`,
    `source` and `span`, and returns nothing, one `MultiHandlerOutput` or a list of them. Nothing checks their data;
    what is no event at all becomes a system error event, of the type `sys.<source>.error`.

    Args:
        source: Its name, of parts of a-z and 0-9 with dots between them: `com.orders.all`.
        executionunits: Cost of one execution, written on every event produced.
        handler: The function.
        system_error_domain: Where failures are reported. Unset: to the domain of the event, the local one, and where
            the orchestration that asked is, if that is another one; each once. Members of `ArvoDomain` are resolved.
        default_event_emission_domains: Domains of events that name none; its `system_error` precedes
            `system_error_domain`.

    Raises:
        ConfigViolation: Something of this is of another kind.
        InvalidValueError: The source is none that events can be sent to.
        TypeError: The function requires an argument that is not on offer.
    """
    return MultiArvoEventHandler(
        source=source,
        executionunits=executionunits,
        handler=handler,
        system_error_domain=system_error_domain,
        default_event_emission_domains=default_event_emission_domains,
    )
