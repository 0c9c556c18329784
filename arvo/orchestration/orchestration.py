"""The frame around every kind of orchestration: from an event and a record to events and a record."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypedDict, TypeVar

from arvo.contracts import PARENT_SUBJECT, VersionedArvoContract
from arvo.errors import ExecutionViolation, InvalidSubjectError, ViolationError
from arvo.events import ArvoDomain, ArvoEvent, ArvoOrchestrationSubject, SubjectContent
from arvo.handling import (
    EXECUTION_STATUS,
    SUBJECT_NAME,
    SUBJECT_VERSION,
    ExecutionKind,
    ExecutionResult,
    SystemErrorContext,
    TelemetryOptions,
    build_system_errors,
    note_outcome,
    note_violation,
    open_execution_span,
    reproducible,
)
from arvo.orchestration.emission import EmissionContext
from arvo.orchestration.engine import Timer
from arvo.orchestration.memory import IMachineMemory
from arvo.orchestration.transaction import SyncEventResource, TransactionViolation
from arvo.telemetry import ActiveSpan, current_headers, log

Domains = Sequence[str | None]
RecordT = TypeVar("RecordT", bound=Mapping[str, Any])


class EventEmissionDomains(TypedDict, total=False):
    """Domains of the events of an orchestration that name none themselves; members of `ArvoDomain` are resolved.

    Attributes:
        system_error: Of the events that report a failure.
        services: Of the events to services.
        complete: Of the completion.
    """

    system_error: Domains
    services: Domains
    complete: Domains


@dataclass(frozen=True, slots=True)
class OrchestrationStep(Generic[RecordT]):
    """What one event does to an orchestration.

    Attributes:
        record: The record to store; None if the event is ignored and there is nothing to store.
        events: The events to send, in order.
        timers: Delayed events to schedule and to cancel, in order.
        handled: False if the event is ignored, or valid but no transition was enabled.
        error: What the orchestration's own code raised; `record` is then that of a failure, and `events`
            report it.
        unreported: Why that failure cannot be reported: the system error events themselves were refused. To be
            raised once the record is stored.
    """

    record: RecordT | None
    events: tuple[ArvoEvent, ...] = ()
    timers: tuple[Timer, ...] = ()
    handled: bool = False
    error: Exception | None = None
    unreported: Exception | None = None


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where an orchestration stands in its tree, as one event finds it.

    Attributes:
        subject: Its parsed subject.
        parent_subject: Subject of the orchestration that started it, or None.
        init_event_id: Id of the event that started it.
    """

    subject: SubjectContent
    parent_subject: str | None
    init_event_id: str


class Orchestration(ABC, Generic[RecordT]):
    """An orchestration whose logic is left to the subclass.

    Attributes:
        executionunits: Cost of one step.
        resource: The memory and whether it is locked.
        system_error_domain: Where failures are reported; None is the broadcast to the event's domain, the own
            contract's and the local one.
        default_event_emission_domains: Domains of events that name none; its `system_error` precedes
            `system_error_domain`.
    """

    def __init__(
        self,
        *,
        executionunits: float,
        memory: IMachineMemory,
        requires_resource_locking: bool,
        system_error_domain: Domains | None,
        default_event_emission_domains: EventEmissionDomains | None,
    ) -> None:
        self.executionunits = executionunits
        self.resource: SyncEventResource[RecordT] = SyncEventResource(
            memory, requires_resource_locking=requires_resource_locking
        )
        self.system_error_domain = system_error_domain
        self.default_event_emission_domains: EventEmissionDomains = default_event_emission_domains or {}

    _kind: ClassVar[ExecutionKind]

    @property
    @abstractmethod
    def self_contract(self) -> VersionedArvoContract:
        """The own contract, in the version that stands for all of them."""

    @property
    def source(self) -> str:
        """Event type that starts an orchestration; the `source` of the events that it produces."""
        return self.self_contract.accepts.type

    @property
    def domain(self) -> str | None:
        """Domain of the own contract."""
        return self.self_contract.domain

    @property
    def system_error_type(self) -> str:
        """Type of the events that report a failure."""
        return self.self_contract.system_error.type

    @property
    def memory(self) -> IMachineMemory:
        """Where the records are."""
        return self.resource.memory

    @property
    def requires_resource_locking(self) -> bool:
        """Whether the subject is locked while an event is processed."""
        return self.resource.requires_resource_locking

    async def execute(self, event: ArvoEvent, opentelemetry: TelemetryOptions | None = None) -> ExecutionResult:
        """Consume one event: lock and read the record, make the step, write the record and unlock.

        Raises:
            TransactionViolation: The memory fails or the lock is taken; nothing is stored.
            ContractViolation: The event, or one that is to be sent, does not fit its contract; nothing is stored.
            ConfigViolation: No machine or contract fits the event; nothing is stored.
            ExecutionViolation: A subject is malformed, or the stored record is damaged; nothing is stored.
        """
        with self._open_span(event, opentelemetry) as span:
            held = False
            try:
                if not self._is_addressed(event, span):
                    return _nothing()
                held = await self.resource.acquire(event)
                return await self._transact(event, span)
            except ViolationError as error:
                note_violation(span, error)
                raise
            finally:
                await self.resource.release(event, held=held)

    def consume(self, event: ArvoEvent, record: RecordT | None) -> OrchestrationStep[RecordT]:
        """What an event does to an orchestration, traced: `step` inside the span that `execute` opens.

        For a caller that keeps records its own way. The events produced continue the trace of the event.

        Args:
            event: The event to consume.
            record: The record after the previous event, or None before the first one.

        Raises:
            ViolationError: As `step` does.
        """
        with self._open_span(event) as span:
            try:
                if not self._is_addressed(event, span) or not self._concerns(event, record, span):
                    return OrchestrationStep(None)
                step = self.step(event, record)
            except ViolationError as error:
                note_violation(span, error)
                raise
            note_outcome(span, step.events, step.error)
            return step

    def step(self, event: ArvoEvent, record: RecordT | None) -> OrchestrationStep[RecordT]:
        """What an event does to an orchestration: everything between reading and writing its record.

        Pure and synchronous: the same event and record always give the same step, ids included; only the time
        of the events comes from the surroundings.

        Args:
            event: The event to consume.
            record: The record after the previous event, or None before the first one.

        Raises:
            ContractViolation: The event, or one that is to be sent, does not fit its contract.
            ConfigViolation: No machine or contract fits the event.
            ExecutionViolation: A subject is malformed, or the record is damaged.
        """
        lineage = self._lineage(event, record)
        if lineage is None:
            return OrchestrationStep(None)
        with reproducible(event.subject, event.id):
            try:
                return self._advance(event, record, lineage)
            except ViolationError:
                raise
            except Exception as error:
                return self._fail(error, event, lineage)

    @abstractmethod
    def _advance(self, event: ArvoEvent, record: RecordT | None, lineage: Lineage) -> OrchestrationStep[RecordT]:
        """Run the own logic on an event that concerns this orchestration."""

    @abstractmethod
    def _failure_record(self, error: Exception, event: ArvoEvent) -> RecordT:
        """The record of an orchestration whose own code has raised."""

    async def _perform(self, event: ArvoEvent, record: RecordT | None) -> OrchestrationStep[RecordT]:
        return self.step(event, record)

    def _open_span(
        self, event: ArvoEvent, opentelemetry: TelemetryOptions | None = None, *, trigger: str | None = None
    ) -> ActiveSpan:
        """The span of one execution; `trigger` names what is executed where that is not the event itself."""
        contract = self.self_contract
        return open_execution_span(self._kind, event, self.source, contract.uri, opentelemetry, trigger=trigger)

    def _is_addressed(self, event: ArvoEvent, span: ActiveSpan) -> bool:
        log("INFO", "Starting execution")
        log("INFO", "Validating the subject")
        orchestrator = _parse(event).orchestrator
        span.set_attributes({SUBJECT_NAME: orchestrator.name, SUBJECT_VERSION: orchestrator.version})
        if orchestrator.name == self.source:
            return True
        log("WARNING", f"The subject is one of '{orchestrator.name}', not of '{self.source}'")
        return False

    async def _transact(self, event: ArvoEvent, span: ActiveSpan) -> ExecutionResult:
        previous = await self.resource.read(event)
        if not self._concerns(event, previous, span):
            return _nothing()
        step = await self._perform(event, previous)
        note_outcome(span, step.events, step.error)
        await self._store(event, step, previous)
        if step.unreported is not None:
            raise step.unreported
        return ExecutionResult(list(step.events), step.timers)

    def _concerns(self, event: ArvoEvent, record: RecordT | None, span: ActiveSpan) -> bool:
        """Whether the event is to be executed; says on the span why not."""
        if record is None:
            log("INFO", "Initializing a new orchestration")
            if event.type != self.source:
                log("WARNING", f"An orchestration begins with '{self.source}', not with '{event.type}'")
            return event.type == self.source
        if record.get("executionStatus") == "failure":
            reason = f"The orchestration has failed in a previous event. Ignoring event id: {event.id}"
            log("WARNING", reason)
            span.set_attributes({EXECUTION_STATUS: "failure"})
            span.fail(reason)
            return False
        log("INFO", "Resuming the orchestration")
        return True

    async def _store(self, event: ArvoEvent, step: OrchestrationStep[RecordT], previous: RecordT | None) -> None:
        try:
            if step.record is not None:
                await self.resource.write(event, step.record, previous)
        except TransactionViolation as error:
            # A failure is reported even if it cannot be stored: silence would be worse than a repetition.
            if step.error is None:
                raise
            log("CRITICAL", f"The failure cannot be stored: {error}")
        if step.error is None:
            log("INFO", "State persisted")
            log("INFO", "Execution completed")
            log("INFO", f"{len(step.events)} events are emitted")
        else:
            log("ERROR", f"Execution failed: {step.error}")

    def _lineage(self, event: ArvoEvent, record: RecordT | None) -> Lineage | None:
        content = _parse(event)
        starts = event.type == self.source
        if content.orchestrator.name != self.source or (record is None and not starts):
            return None
        stored: Mapping[str, Any] = record or {}
        if stored.get("executionStatus") == "failure":
            return None
        parent = event.data.get(PARENT_SUBJECT) if starts else stored.get("parentSubject")
        return Lineage(content, parent, stored.get("initEventId", event.id))

    def _emission_context(
        self,
        event: ArvoEvent,
        lineage: Lineage,
        self_contract: VersionedArvoContract,
        services: Mapping[str, VersionedArvoContract],
    ) -> EmissionContext:
        defaults = self.default_event_emission_domains
        return EmissionContext(
            source=self.source,
            self_contract=self_contract,
            services=services,
            source_event=event,
            subject=lineage.subject,
            parent_subject=lineage.parent_subject,
            init_event_id=lineage.init_event_id,
            executionunits=self.executionunits,
            service_domains=defaults.get("services", (ArvoDomain.LOCAL,)),
            trace=current_headers(),
            completion_domains=defaults.get("complete", (ArvoDomain.ORCHESTRATION_CONTEXT,)),
        )

    def _fail(self, error: Exception, event: ArvoEvent, lineage: Lineage) -> OrchestrationStep[RecordT]:
        record = self._failure_record(error, event)
        context = SystemErrorContext(
            source=self.source,
            contract=self.self_contract,
            event=event,
            subject=lineage.parent_subject or event.subject,
            parent_subject=lineage.parent_subject,
            to=lineage.subject.execution.initiator,
            parentid=lineage.init_event_id,
            executionunits=self.executionunits,
            domains=self.default_event_emission_domains.get("system_error", self.system_error_domain),
        )
        try:
            events = tuple(build_system_errors(error, context))
        except Exception as unreported:
            return OrchestrationStep(record, handled=True, error=error, unreported=unreported)
        return OrchestrationStep(record, events, handled=True, error=error)


def _parse(event: ArvoEvent) -> SubjectContent:
    try:
        return ArvoOrchestrationSubject.parse(event.subject)
    except InvalidSubjectError as error:
        raise ExecutionViolation(
            f"Invalid event (id={event.id}) subject format: '{event.subject}' is no orchestration subject: {error}. "
            f"To fix: take the subject of the init event, or create one with ArvoOrchestrationSubject.new."
        ) from error


def _nothing() -> ExecutionResult:
    log("INFO", "Nothing is emitted")
    return ExecutionResult()
