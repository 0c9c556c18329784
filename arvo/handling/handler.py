"""Event handlers: stateless functions behind a contract, one for each of its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from opentelemetry.trace import get_current_span

from arvo.contracts import ArvoContract, ContractEvent, VersionedArvoContract, create_arvo_event_factory
from arvo.errors import ConfigViolation, ContractViolation, InvalidPayloadError, ViolationError
from arvo.events import ArvoEvent, Domains
from arvo.handling.arguments import wanted_arguments
from arvo.handling.calling import call
from arvo.handling.execution import ExecutionResult, TelemetryOptions, reproducible, request_name
from arvo.handling.execution_span import HANDLER, note_failure, open_execution_span
from arvo.handling.failure import SystemErrorContext, build_system_errors
from arvo.handling.given import check_handler, outputs_of
from arvo.handling.output import (
    HandlerEmissionDomains,
    HandlerFunction,
    HandlerOutput,
    HandlerResult,
    answer_domains,
    answer_fields,
)
from arvo.telemetry import log
from arvo.wire import Dataschema, parse_dataschema


class ArvoEventHandler:
    """A stateless service: it takes the event that its contract accepts, and answers with those it emits.

    Attributes:
        contract: The contract in all its versions.
        executionunits: Cost of one execution, written on every event produced.
        handler: The function of each version.
        system_error_domain: Where failures are reported; None is the broadcast to the event's domain, the
            contract's, the local one, and where the orchestration that asked is.
        default_event_emission_domains: Domains of events that name none; its `system_error` precedes
            `system_error_domain`.
    """

    def __init__(
        self,
        *,
        contract: ArvoContract,
        executionunits: float,
        handler: Mapping[str, HandlerFunction],
        system_error_domain: Domains | None = None,
        default_event_emission_domains: HandlerEmissionDomains | None = None,
    ) -> None:
        check_handler(contract, executionunits, handler)
        for version in contract.versions:
            if version not in handler:
                raise ValueError(
                    f"Contract {contract.uri} requires a handler implementation for version {version}. "
                    f"To fix: add handler={{'{version}': ...}}."
                )
        self.contract = contract
        self.executionunits = executionunits
        self.handler = handler
        self.system_error_domain = system_error_domain
        self.default_event_emission_domains: HandlerEmissionDomains = default_event_emission_domains or {}
        self._arguments = {
            version: wanted_arguments(function, _ARGUMENTS, f"Handler of {contract.uri}/{version}")
            for version, function in handler.items()
        }

    @property
    def source(self) -> str:
        """Event type that the handler accepts; the `source` of the events that it produces."""
        return self.contract.type

    @property
    def domain(self) -> str | None:
        """Domain of the contract."""
        return self.contract.domain

    @property
    def system_error_type(self) -> str:
        """Type of the events that report a failure."""
        return self.system_error_schema.type

    @property
    def system_error_schema(self) -> ContractEvent:
        """The event that reports a failure: its type and the schema of its data."""
        return self.contract.system_error

    async def execute(self, event: ArvoEvent, opentelemetry: TelemetryOptions | None = None) -> ExecutionResult:
        """Handle one event.

        What the function raises becomes system error events; a violation is raised as it is.

        Raises:
            ConfigViolation: The event has another type, or a version that the contract lacks.
            ContractViolation: The event or a result does not fit the contract.
            ViolationError: The function has raised it.
        """
        raised: Exception | None = None
        with open_execution_span(HANDLER, event, self.source, self.contract.uri, opentelemetry) as span:
            try:
                contract = self._admit(event)
                log("INFO", "Executing the handler")
                result = await self._call(event, contract)
                if not result:
                    return ExecutionResult()
                events = self._emit_all(result, event, contract)
            except Exception as error:
                note_failure(span, error, f"Event processing failed: {error}")
                if isinstance(error, ViolationError):
                    raise
                events, raised = self._report(error, event), error
            span.describe_emittables(events)
            log("INFO", f"{len(events)} events are emitted")
            return ExecutionResult(events, error=raised)

    def _admit(self, event: ArvoEvent) -> VersionedArvoContract:
        """Check an event stage by stage, each with its line of log, and return the contract that it fits."""
        self._require_type(event)
        log("INFO", "Type of the event validated")
        named = self._read_dataschema(event)
        if named is None:
            log("WARNING", f"The dataschema '{event.dataschema}' names no version: the latest one is taken")
        contract = self._version("latest" if named is None else named.version)
        log("INFO", f"Processing the event with version {contract.version}")
        _require_data(event, contract)
        log("INFO", "Data of the event validated")
        return contract

    def _require_type(self, event: ArvoEvent) -> None:
        if event.type != self.contract.type:
            raise ConfigViolation(
                f"Event type mismatch: Received '{event.type}', expected '{self.contract.type}' "
                f"(event id='{event.id}', contract '{self.contract.uri}')"
            )

    def _read_dataschema(self, event: ArvoEvent) -> Dataschema | None:
        named = parse_dataschema(event.dataschema)
        if named is None:
            log("ERROR", f"Unable to parse dataschema '{event.dataschema}'")
        if named is not None and named.uri and named.uri != self.contract.uri:
            raise ContractViolation(
                f"Contract URI mismatch: the handler of '{self.contract.uri}' received an event "
                f"(id='{event.id}') with dataschema '{event.dataschema}'."
            )
        return named

    def _version(self, version: str) -> VersionedArvoContract:
        if version != "latest" and version not in self.contract.versions:
            raise ConfigViolation(
                f"Invalid contract version: {version}. Available versions of '{self.contract.uri}': "
                f"{', '.join(self.contract.versions)}"
            )
        return self.contract.version(version)

    async def _call(self, event: ArvoEvent, contract: VersionedArvoContract) -> HandlerResult:
        offered: dict[str, Any] = {
            "event": event,
            "contract": contract,
            "domain": {"self": self.domain, "event": event.domain},
            "source": self.source,
            "span": get_current_span(),
        }
        wanted = self._arguments[contract.version]
        arguments = {name: offered[name] for name in wanted}
        result: HandlerResult = await call(self.handler[contract.version], **arguments)
        return result

    def _emit_all(
        self, result: HandlerOutput | Sequence[HandlerOutput], event: ArvoEvent, contract: VersionedArvoContract
    ) -> list[ArvoEvent]:
        function, emitted = self.handler[contract.version], next(iter(contract.emits), "evt.bank.charged")
        found = outputs_of(result, function, f"The handler of '{contract.dataschema}'", emitted, ContractViolation)
        outputs = cast("list[HandlerOutput]", found)
        with reproducible(*request_name(event)):
            return [produced for output in outputs for produced in self._emit(output, event, contract)]

    def _emit(self, output: HandlerOutput, event: ArvoEvent, contract: VersionedArvoContract) -> list[ArvoEvent]:
        try:
            domains = answer_domains(output, event, contract, self.default_event_emission_domains)
            return [self._build(output, domain, event, contract) for domain in domains]
        except Exception as error:
            raise ContractViolation(
                f"Result of the handler of '{contract.dataschema}' cannot be sent: {error}"
            ) from error

    def _build(
        self, output: HandlerOutput, domain: str | None, event: ArvoEvent, contract: VersionedArvoContract
    ) -> ArvoEvent:
        fields = answer_fields(output, event, domain, self.executionunits)
        return create_arvo_event_factory(contract).emits(
            type=output["type"], data=output.get("data"), source=self.source, subject=event.subject, **fields
        )

    def _report(self, error: Exception, event: ArvoEvent) -> list[ArvoEvent]:
        context = SystemErrorContext(
            source=self.source,
            contract=self.contract.version("latest"),
            event=event,
            subject=event.subject,
            parent_subject=None,
            to=event.source,
            parentid=event.id,
            executionunits=self.executionunits,
            domains=self.default_event_emission_domains.get("system_error", self.system_error_domain),
        )
        with reproducible(*request_name(event), "failed"):
            return build_system_errors(error, context)


def create_arvo_event_handler(
    *,
    contract: ArvoContract,
    executionunits: float,
    handler: Mapping[str, HandlerFunction],
    system_error_domain: Domains | None = None,
    default_event_emission_domains: HandlerEmissionDomains | None = None,
) -> ArvoEventHandler:
    """Create a stateless service from functions, one for each version of a contract.

    A function is async, or a plain one, which a Temporal worker runs on a thread so that it may block. It takes, by
    name, any of `event` (the ArvoEvent), `contract` (in the version of the event), `domain` (mapping of `self` and
    `event`), `source` and `span`. It returns nothing, one `HandlerOutput` or a list of them.

    Args:
        contract: The contract to implement.
        executionunits: Cost of one execution, written on every event produced.
        handler: The function of each version: `{"1.0.0": handle}`.
        system_error_domain: Where failures are reported. Unset: to the domain of the event, that of the
            contract, the local one, and where the orchestration that asked is, if that is another one; each once.
            Members of `ArvoDomain` are resolved.
        default_event_emission_domains: Domains of events that name none; its `system_error` precedes
            `system_error_domain`.

    Raises:
        ConfigViolation: Something of this is of another kind.
        ValueError: A version of the contract has no function.
        TypeError: A function requires an argument that is not on offer.
    """
    return ArvoEventHandler(
        contract=contract,
        executionunits=executionunits,
        handler=handler,
        system_error_domain=system_error_domain,
        default_event_emission_domains=default_event_emission_domains,
    )


_ARGUMENTS = ("event", "contract", "domain", "source", "span")


def _require_data(event: ArvoEvent, contract: VersionedArvoContract) -> None:
    try:
        contract.accepts.schema.parse(event.data)
    except InvalidPayloadError as error:
        raise ContractViolation(
            f"Input event payload validation failed (event id='{event.id}', contract '{contract.dataschema}'): {error}"
        ) from error
