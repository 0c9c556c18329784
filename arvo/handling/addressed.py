"""Handlers without a contract of their own: they take whatever is addressed to them, by `to`."""

from __future__ import annotations

from abc import ABC, abstractmethod

from arvo.contracts import SYSTEM_ERROR_SCHEMA, ContractEvent
from arvo.errors import ConfigViolation, ViolationError
from arvo.events import ArvoEvent, Domains
from arvo.handling.execution import ExecutionResult, TelemetryOptions, reproducible, request_name
from arvo.handling.execution_span import ExecutionKind, note_failure, open_execution_span
from arvo.handling.failure import SystemErrorContext, build_system_errors
from arvo.handling.given import check_executionunits, check_source
from arvo.telemetry import log
from arvo.wire import system_error_type


class AddressedEventHandler(ABC):
    """What a multi handler and a router have in common.

    Attributes:
        source: Its name: the `to` of the events that it takes, and the `source` of those that it produces.
        executionunits: Cost of one execution.
        system_error_domain: Where failures are reported; None is the broadcast to the event's domain, the local one,
            and where the orchestration that asked is.
    """

    _kind: ExecutionKind
    _maker: str

    def __init__(self, source: str, executionunits: float, system_error_domain: Domains | None) -> None:
        check_source(source, self._maker)
        check_executionunits(executionunits, self._maker)
        self.source = source
        self.executionunits = executionunits
        self.system_error_domain = system_error_domain

    @property
    def system_error_type(self) -> str:
        """Type of the events that report a failure of its own."""
        return system_error_type(self.source)

    @property
    def system_error_schema(self) -> ContractEvent:
        """The event that reports a failure of its own: its type and the schema of its data."""
        return ContractEvent(self.system_error_type, SYSTEM_ERROR_SCHEMA)

    async def execute(self, event: ArvoEvent, opentelemetry: TelemetryOptions | None = None) -> ExecutionResult:
        """Handle one event.

        What goes wrong becomes system error events; a violation is raised as it is.

        Raises:
            ConfigViolation: The event is for somebody else, or nobody here takes its type.
            ViolationError: Who handles it has raised it.
        """
        with open_execution_span(self._kind, event, self.source, None, opentelemetry) as span:
            try:
                self._require_destination(event)
                result = await self._handle(event)
            except Exception as error:
                note_failure(span, error)
                if isinstance(error, ViolationError):
                    raise
                result = ExecutionResult(self._report(error, event), error=error)
            span.describe_emittables(result.events)
            return result

    @abstractmethod
    async def _handle(self, event: ArvoEvent) -> ExecutionResult:
        """Handle an event that is addressed to this one."""

    def _require_destination(self, event: ArvoEvent) -> None:
        log("INFO", f"Resolving the event '{event.type}' of '{event.source}', which is for '{event.to}'")
        if event.to != self.source:
            raise ConfigViolation(
                f"Event destination mismatch: Expected '{self.source}', received '{event.to}' (event id='{event.id}', "
                f"type '{event.type}'). To fix: send it to '{self.source}', by its field 'to'."
            )

    def _report(self, error: Exception, event: ArvoEvent) -> list[ArvoEvent]:
        context = SystemErrorContext(
            source=self.source,
            contract=None,
            event=event,
            subject=event.subject,
            parent_subject=None,
            to=event.source,
            parentid=event.id,
            executionunits=self.executionunits,
            domains=self.system_error_domain,
        )
        with reproducible(*request_name(event), "failed"):
            return build_system_errors(error, context)
