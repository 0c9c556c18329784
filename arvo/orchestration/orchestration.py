"""The frame around every kind of orchestration: from an event and a record to events and a record."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, NamedTuple, TypedDict, TypeVar

from arvo.contracts import ContractEvent, VersionedArvoContract
from arvo.errors import ViolationError
from arvo.events import ArvoDomain, ArvoEvent, Domains
from arvo.handling import (
    ExecutionKind,
    ExecutionResult,
    SystemErrorContext,
    TelemetryOptions,
    build_system_errors,
    open_execution_span,
    reproducible,
)
from arvo.orchestration import journal
from arvo.orchestration.admission import Address, Admitted, Ignored, admit, read_address
from arvo.orchestration.emission import EmissionContext, build_event, completion, spread
from arvo.orchestration.frame import Frame
from arvo.orchestration.memory import IMachineMemory, failure_record
from arvo.orchestration.own_code import at_once, own
from arvo.orchestration.step import OrchestrationStep, RecordT
from arvo.orchestration.transaction import Transaction
from arvo.orchestration.validation import AcceptedInput, ContractMatch, check_input
from arvo.telemetry import current_headers

LogicT = TypeVar("LogicT")


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


class Outcome(NamedTuple):
    """What the logic of an orchestration wants to be sent.

    Attributes:
        status: Where the orchestration now stands: `active`, `done`.
        emissions: The events, as the logic wrote them.
        output: What completes the orchestration, or None.
        contract: The own contract, in the version of the orchestration.
        services: Service contracts by the event type that calls the service.
    """

    status: str
    emissions: Sequence[Mapping[str, Any]]
    output: Any
    contract: VersionedArvoContract
    services: Mapping[str, VersionedArvoContract]


class Orchestration(ABC, Generic[RecordT, LogicT]):
    """An orchestration whose logic is left to the subclass.

    Attributes:
        executionunits: Cost of one step.
        memory: Where the records are.
        requires_resource_locking: Whether the subject is locked while an event is processed.
        system_error_domain: Where failures are reported; None is the broadcast to the event's domain, the own
            contract's, the local one, and that of the parent's subject.
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
        self.memory = memory
        self.requires_resource_locking = requires_resource_locking
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
    @abstractmethod
    def versions(self) -> tuple[str, ...]:
        """The versions of the own contract that there is logic for."""

    @abstractmethod
    def contract(self, version: str) -> VersionedArvoContract:
        """Return the own contract in one of `versions`."""

    @abstractmethod
    def inputs(self, version: str) -> Mapping[str, AcceptedInput]:
        """Return what the logic of one of `versions` takes, by event type."""

    @property
    def system_error_type(self) -> str:
        """Type of the events that report a failure."""
        return self.system_error_schema.type

    @property
    def system_error_schema(self) -> ContractEvent:
        """The event that reports a failure: its type and the schema of its data."""
        return self.self_contract.system_error

    async def execute(self, event: ArvoEvent, opentelemetry: TelemetryOptions | None = None) -> ExecutionResult:
        """Consume one event: lock and read the record, make the step, write the record and unlock.

        Raises:
            TransactionViolation: The memory fails or the lock is taken; nothing is stored.
            ContractViolation: The event, or one that is to be sent, does not fit its contract; nothing is stored.
            ConfigViolation: No machine or contract fits the event; nothing is stored.
            ExecutionViolation: A subject is malformed, or the stored record is damaged; nothing is stored.
        """
        transaction: Transaction[RecordT] = self._transaction(event)
        with self._frame(event, opentelemetry, transaction=transaction) as frame:
            address = frame.address(event, self.source)
            work = partial(self._consume, frame, address)
            step = await (transaction.run(work) if address.is_own else work(None))
            if step.record is None:
                journal.ignored()
            consumed = step.record is not None
            return ExecutionResult(list(step.events), step.timers, consumed=consumed, handled=step.handled)

    def consume(self, event: ArvoEvent, record: RecordT | None) -> OrchestrationStep[RecordT]:
        """What an event does to an orchestration, traced: `step` inside the span that `execute` opens.

        For a caller that keeps records its own way. The events produced continue the trace of the event.

        Args:
            event: The event to consume.
            record: The record after the previous event, or None before the first one.

        Raises:
            ViolationError: As `step` does.
        """
        with self._frame(event) as frame:
            return at_once(self._consume(frame, frame.address(event, self.source), record))

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
        admission = admit(read_address(event, self.source), record)
        if isinstance(admission, Ignored):
            return OrchestrationStep(None)
        return at_once(self._attempt(self._advance(event, record, admission), event, admission, *event.key))

    def check(self, event: ArvoEvent, record: RecordT | None) -> None:
        """Check all that `step` checks before the own code runs.

        Args:
            event: The event that is to be consumed.
            record: The record after the previous event, or None before the first one.

        Raises:
            ViolationError: As `step` does.
        """
        admission = admit(read_address(event, self.source), record)
        if not isinstance(admission, Ignored):
            self._checked(event, admission)

    def fail(
        self, error: Exception, event: ArvoEvent, record: RecordT | None, cause_id: str
    ) -> OrchestrationStep[RecordT]:
        """What an error of the own code does to an orchestration: the step that `step` makes of it.

        Args:
            error: What was raised.
            event: The event that was being consumed.
            record: The record after the previous event, or None before the first one.
            cause_id: What the ids of the events that report it follow from; that of the event, or of a firing.
        """
        admission = admit(read_address(event, self.source), record)
        if isinstance(admission, Ignored):
            return OrchestrationStep(None)
        with reproducible(event.subject, cause_id):
            return self._fail(error, event, admission)

    @abstractmethod
    def _resolve(self, event: ArvoEvent, admitted: Admitted) -> LogicT:
        """Find the logic of the version that the subject names.

        Raises:
            ConfigViolation: There is none.
        """

    @abstractmethod
    def _match(self, event: ArvoEvent, logic: LogicT) -> ContractMatch:
        """Find the contract that an event has to fit."""

    @abstractmethod
    async def _run(
        self, logic: LogicT, event: ArvoEvent, record: RecordT | None, admitted: Admitted
    ) -> OrchestrationStep[RecordT]:
        """Run the logic on an event that has been checked."""

    def _transaction(self, event: ArvoEvent) -> Transaction[RecordT]:
        return Transaction(self.memory, event, locks=self.requires_resource_locking)

    def _frame(
        self,
        event: ArvoEvent,
        opentelemetry: TelemetryOptions | None = None,
        *,
        trigger: str | None = None,
        transaction: Transaction[RecordT] | None = None,
    ) -> Frame:
        """The frame of one execution; `trigger` names what is executed where that is not the event itself."""
        uri = self.self_contract.uri
        span = open_execution_span(self._kind, event, self.source, uri, opentelemetry, trigger=trigger)
        return Frame(span, transaction)

    async def _consume(self, frame: Frame, address: Address, record: RecordT | None) -> OrchestrationStep[RecordT]:
        admission = frame.admit(address, record)
        if isinstance(admission, Ignored):
            return OrchestrationStep(None)
        event = address.event
        step = await self._attempt(self._advance(event, record, admission), event, admission, *event.key)
        frame.conclude(step)
        return step

    async def _attempt(
        self, work: Coroutine[Any, Any, OrchestrationStep[RecordT]], event: ArvoEvent, admitted: Admitted, *cause: str
    ) -> OrchestrationStep[RecordT]:
        """Make a step, whose ids follow from its cause; what the own code raises makes it that of a failure."""
        with reproducible(event.subject, *cause):
            try:
                return await own(work)
            except ViolationError:
                raise
            except Exception as error:
                return self._fail(error, event, admitted)

    async def _advance(
        self, event: ArvoEvent, record: RecordT | None, admitted: Admitted
    ) -> OrchestrationStep[RecordT]:
        return await self._run(self._checked(event, admitted), event, record, admitted)

    def _checked(self, event: ArvoEvent, admitted: Admitted) -> LogicT:
        """Find the logic for an event, and check the event against its contract."""
        journal.logic_wanted(self._kind)
        logic = self._resolve(event, admitted)
        journal.validation_begun()
        match = self._match(event, logic)
        journal.contract_looked_up(event, match)
        check_input(event, match, self._kind.logic)
        return logic

    def _emit(self, outcome: Outcome, event: ArvoEvent, admitted: Admitted) -> tuple[ArvoEvent, ...]:
        """Build the events of a step.

        Raises:
            ContractViolation: Data does not fit the contract of the service or the own completion.
            ExecutionViolation: The `parentSubject$$` of a nested orchestration is no subject.
            InvalidEventError: A field of an event is not valid.
        """
        journal.logic_run(self._kind, outcome.status, len(outcome.emissions))
        context = self._emission_context(outcome, event, admitted)
        emissions = outcome.emissions
        if outcome.output is not None:
            emissions = [*emissions, completion(outcome.output, context)]
        events = []
        for emission in spread(emissions, context):
            journal.event_wanted(emission.type, emission.contract)
            events.append(build_event(emission, context))
            journal.event_created(events[-1])
        return tuple(events)

    def _emission_context(self, outcome: Outcome, event: ArvoEvent, admitted: Admitted) -> EmissionContext:
        defaults = self.default_event_emission_domains
        return EmissionContext(
            source=self.source,
            self_contract=outcome.contract,
            services=outcome.services,
            source_event=event,
            subject=admitted.subject,
            parent_subject=admitted.parent_subject,
            init_event_id=admitted.init_event_id,
            executionunits=self.executionunits,
            service_domains=defaults.get("services", (ArvoDomain.LOCAL,)),
            trace=current_headers(),
            completion_domains=defaults.get("complete", (ArvoDomain.ORCHESTRATION_CONTEXT,)),
        )

    def _fail(self, error: Exception, event: ArvoEvent, admitted: Admitted) -> OrchestrationStep[RecordT]:
        record: RecordT = failure_record(error, event.subject)
        context = SystemErrorContext(
            source=self.source,
            contract=self.self_contract,
            event=event,
            subject=admitted.parent_subject or event.subject,
            parent_subject=admitted.parent_subject,
            to=admitted.subject.execution.initiator,
            parentid=admitted.init_event_id,
            executionunits=self.executionunits,
            domains=self.default_event_emission_domains.get("system_error", self.system_error_domain),
        )
        try:
            events = tuple(build_system_errors(error, context))
        except Exception as unreported:
            return OrchestrationStep(record, handled=True, error=error, unreported=unreported)
        return OrchestrationStep(record, events, handled=True, error=error)
