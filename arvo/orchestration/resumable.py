"""Resumables: orchestrations written as functions instead of machines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Any, Literal, TypeAlias, TypedDict

from opentelemetry import trace

from arvo.contracts import ArvoContract, VersionedArvoContract
from arvo.errors import ConfigViolation, ExecutionViolation, ViolationError
from arvo.events import ArvoEvent, Domains
from arvo.handling import (
    RESUMABLE,
    call,
    check_executionunits,
    check_functions,
    reproducible,
    wanted_arguments,
)
from arvo.orchestration.admission import Admitted, Ignored, admit, read_address
from arvo.orchestration.given import check_contracts, check_instance
from arvo.orchestration.machine_checks import check_services
from arvo.orchestration.memory import IMachineMemory, SimpleMachineMemory, storable
from arvo.orchestration.orchestration import EventEmissionDomains, Orchestration, Outcome
from arvo.orchestration.own_code import at_once, own
from arvo.orchestration.progress import Progress
from arvo.orchestration.purity import call_twice
from arvo.orchestration.resumable_call import ResumableCall, ResumableOutput, checked_output, plain_output
from arvo.orchestration.resumable_record import (
    ResumableRecord,
    collected_events,
    context_of,
    expected_of,
    with_answer,
)
from arvo.orchestration.step import OrchestrationStep
from arvo.orchestration.validation import (
    AcceptedInput,
    ContractMatch,
    accepted_answers,
    accepted_init,
    match_contract,
)
from arvo.telemetry import continued, current_headers
from arvo.wire import parse_dataschema


class ResumableContracts(TypedDict):
    """The contract of a resumable in all its versions, and those of the services it talks to."""

    self: ArvoContract
    services: Mapping[str, VersionedArvoContract]


ResumableFunction = Callable[..., ResumableOutput | Awaitable[ResumableOutput | None] | None]

ResumableStep: TypeAlias = OrchestrationStep[ResumableRecord]


class ArvoResumable(Orchestration[ResumableRecord, VersionedArvoContract]):
    """An orchestration whose logic is a function for each version of its contract.

    Attributes:
        contracts: Own contract and service contracts.
        handler: The function of each version.
        check_purity: Whether each call that is made within a step is made twice, and both are compared.
    """

    _kind = RESUMABLE

    def __init__(
        self,
        *,
        contracts: ResumableContracts,
        handler: Mapping[str, ResumableFunction],
        executionunits: float,
        memory: IMachineMemory,
        requires_resource_locking: bool,
        system_error_domain: Domains | None = None,
        default_event_emission_domains: EventEmissionDomains | None = None,
        check_purity: bool = False,
    ) -> None:
        super().__init__(
            executionunits=executionunits,
            memory=memory,
            requires_resource_locking=requires_resource_locking,
            system_error_domain=system_error_domain,
            default_event_emission_domains=default_event_emission_domains,
        )
        self.contracts = contracts
        self.handler = handler
        self.check_purity = check_purity
        self._arguments = {
            version: wanted_arguments(function, _ARGUMENTS, f"Resumable {contracts['self'].uri}/{version}")
            for version, function in handler.items()
        }
        self._answers = accepted_answers(contracts["services"])
        self._services = {contract.accepts.type: contract for contract in contracts["services"].values()}

    @cached_property
    def self_contract(self) -> VersionedArvoContract:
        """The own contract in its latest version."""
        return self.contracts["self"].version("latest")

    def _resolve(self, event: ArvoEvent, admitted: Admitted) -> VersionedArvoContract:
        version = admitted.subject.orchestrator.version
        if version not in self.handler:
            raise ConfigViolation(
                f"Handler resolution failed: No handler found matching orchestrator name='{self.source}' and "
                f"version='{version}'; there are {', '.join(self.handler)}. To fix: add a handler for it."
            )
        return self.contracts["self"].version(version)

    def _match(self, event: ArvoEvent, logic: VersionedArvoContract) -> ContractMatch:
        inputs: Mapping[str, AcceptedInput] = self._answers
        named = parse_dataschema(event.dataschema)
        if named is not None and event.type == self.source:
            inputs = {self.source: accepted_init(self.contracts["self"].version(named.version))}
        return match_contract(event, inputs)

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of the own contract that there is a function for."""
        return tuple(self.handler)

    def contract(self, version: str) -> VersionedArvoContract:
        """Return the own contract in one of `versions`."""
        return self.contracts["self"].version(version)

    def inputs(self, version: str) -> Mapping[str, AcceptedInput]:
        """Return what the function of one of `versions` takes, by event type."""
        return {self.source: accepted_init(self.contract(version)), **self._answers}

    async def call(
        self, event: ArvoEvent, record: ResumableRecord | None, progress: Progress | None = None
    ) -> ResumableCall:
        """Call the function with an event, traced, and return what it has come to, for `conclude` to make a step of.

        For a caller that makes the call in one place, where it may wait, and the step in another. What the function
        returns is checked here as well, so that the call fails where it can be made again.

        Args:
            event: The event, which has been checked (`check`).
            record: The record after the previous event, as far as the function needs it (`needed_for_call`).
            progress: What the call may keep for its next try.

        Raises:
            ViolationError: As `step` does.
            Exception: What the function raises.
        """
        with self._frame(event) as frame:
            admission = frame.admit(frame.address(event, self.source), record)
            if isinstance(admission, Ignored):
                return ResumableCall({}, current_headers())
            with reproducible(event.subject, *event.key):
                contract = self._resolve(event, admission)
                known = None if record is None else with_answer(event, record)
                output = await own(self._call(contract, event, known, progress or Progress()))
                frame.conclude(self._conclude(contract, output, event, known, admission))
            return ResumableCall(plain_output(output, contract, self._services), current_headers())

    def conclude(
        self, event: ArvoEvent, record: ResumableRecord | None, call: ResumableCall | Exception
    ) -> ResumableStep:
        """Make a step of a call that has been made elsewhere; as pure as `step`.

        Args:
            event: The event that the function was called with.
            record: The record after the previous event, or None before the first one.
            call: What the call has come to, or what it has raised.

        Raises:
            ViolationError: As `step` does.
        """
        admission = admit(read_address(event, self.source), record)
        if isinstance(admission, Ignored):
            return OrchestrationStep(None)
        work = self._concluded(event, record, admission, call)
        if isinstance(call, Exception):
            return at_once(self._attempt(work, event, admission, *event.key))
        with continued(call.trace):
            return at_once(self._attempt(work, event, admission, *event.key))

    def arguments(self, version: str) -> tuple[str, ...]:
        """Return which arguments the function of a version takes, by name."""
        return self._arguments[version]

    async def _run(
        self, logic: VersionedArvoContract, event: ArvoEvent, record: ResumableRecord | None, admitted: Admitted
    ) -> ResumableStep:
        if record is not None and record.get("status") == "done":
            self._emit(Outcome("done", (), None, logic, self._services), event, admitted)
            return OrchestrationStep(record)
        record = None if record is None else with_answer(event, record)
        result = await self._call(logic, event, record, Progress(), twice=self.check_purity)
        return self._conclude(logic, result, event, record, admitted)

    async def _concluded(
        self, event: ArvoEvent, record: ResumableRecord | None, admitted: Admitted, call: ResumableCall | Exception
    ) -> ResumableStep:
        if isinstance(call, Exception):
            raise call
        known = None if record is None else with_answer(event, record)
        contract = self._resolve(event, admitted)
        try:
            return self._conclude(contract, call.output, event, known, admitted)
        except ViolationError:
            raise
        except Exception as error:
            # The call itself has been concluded where it was made: so this is another's, and no fault of the function.
            raise ExecutionViolation(
                f"The call of '{self.source}' has come to what its function cannot have returned: "
                f"{type(error).__name__}: {error}"
            ) from error

    async def _call(
        self,
        contract: VersionedArvoContract,
        event: ArvoEvent,
        record: ResumableRecord | None,
        progress: Progress,
        *,
        twice: bool = False,
    ) -> ResumableOutput:
        version, function = contract.version, self.handler[contract.version]
        offered = self._offered(contract, event, record, progress)
        arguments = {name: offered[name] for name in self._arguments[version]}
        # A function may draw any number of ids, and those of the events produced are not to depend on it.
        seed = event.subject, *event.key, version
        name = f"The function of {contract.uri}/{version}"
        if twice:
            return checked_output(await call_twice(name, function, arguments, seed), name)
        with reproducible(*seed):
            return checked_output(await call(function, **arguments), name)

    def _offered(
        self, contract: VersionedArvoContract, event: ArvoEvent, record: ResumableRecord | None, progress: Progress
    ) -> dict[str, Any]:
        starts = event.type == self.source
        return {
            "context": context_of(record),
            "input": event if starts else None,
            "service": None if starts else event,
            "collected_events": collected_events(record),
            "metadata": record,
            "domain": {"self": self.domain, "event": event.domain},
            "contracts": {"self": contract, "services": self.contracts["services"]},
            "span": trace.get_current_span(),
            "progress": progress,
        }

    def _conclude(
        self,
        contract: VersionedArvoContract,
        result: ResumableOutput,
        event: ArvoEvent,
        record: ResumableRecord | None,
        admitted: Admitted,
    ) -> ResumableStep:
        output = result.get("output")
        status: Literal["active", "done"] = "active" if output is None else "done"
        outcome = Outcome(status, result.get("services") or (), output, contract, self._services)
        events = self._emit(outcome, event, admitted)
        new_context = storable(result.get("context"), "context", f"resumable '{self.source}'")
        new_record: ResumableRecord = {
            "executionStatus": "normal",
            "status": status,
            "initEventId": admitted.init_event_id,
            "parentSubject": admitted.parent_subject,
            "subject": event.subject,
            "events": {
                "consumed": event.to_json(),
                "expected": {event.id: [] for event in events} if events else expected_of(record),
                "produced": [event.to_json() for event in events],
            },
            "state$$": context_of(record) if new_context is None else new_context,
        }
        return OrchestrationStep(new_record, events, handled=True)


def create_arvo_resumable(
    *,
    contracts: ResumableContracts,
    handler: Mapping[str, ResumableFunction],
    memory: IMachineMemory | None = None,
    executionunits: float = 0,
    system_error_domain: Domains | None = None,
    default_event_emission_domains: EventEmissionDomains | None = None,
    requires_resource_locking: bool | None = None,
    check_purity: bool = False,
) -> ArvoResumable:
    """Create an orchestration from functions, one for each version of its contract.

    A function is sync or async, and takes by name any of `context` (what it returned last, or None), `input` (the
    init event, or None), `service` (a service's answer, or None), `collected_events` (the answers to what was sent
    last, by type), `metadata` (the record), `domain` (mapping of `self` and `event`), `contracts`, `span` and
    `progress` (a `Progress`: what a long call keeps for its next try). It returns nothing or a `ResumableOutput`.

    Args:
        contracts: `{"self": orchestrator contract, "services": {name: version of a contract}}`.
        handler: The function of each version: `{"1.0.0": handle}`.
        memory: Where `execute` keeps the state of orchestrations; by default within this process.
        executionunits: Cost of one step, written on every event produced.
        system_error_domain: Where failures are reported. Unset: to the domain of the event, that of the own
            contract, the local one, and that of the parent's subject, each once. Members of `ArvoDomain` are resolved.
        default_event_emission_domains: Domains of events that name none; its `system_error` precedes
            `system_error_domain`.
        requires_resource_locking: Whether to lock a subject while one of its events is processed. Unset: if there
            is more than one service.
        check_purity: Call the function twice in each step, and fail with a `PurityError` where it returns something
            else the second time or changes its arguments: for tests of one that is to run `inline` on Temporal, where
            a replay calls it again. Calls by activities are made once.

    Raises:
        ConfigViolation: Two services have one contract, the orchestration is its own service, or something is of
            another kind than it has to be.
        TypeError: A function requires an argument that is not on offer.
    """
    check_contracts(contracts, "create_arvo_resumable", versioned=False)
    check_functions(handler, contracts["self"], "create_arvo_resumable")
    check_executionunits(executionunits, "create_arvo_resumable")
    check_instance(memory, "memory", "create_arvo_resumable")
    check_services(contracts["self"].uri, contracts["services"], "create_arvo_resumable")
    if requires_resource_locking is None:
        requires_resource_locking = len(contracts["services"]) > 1
    return ArvoResumable(
        contracts=contracts,
        handler=handler,
        executionunits=executionunits,
        memory=SimpleMachineMemory() if memory is None else memory,
        requires_resource_locking=requires_resource_locking,
        system_error_domain=system_error_domain,
        default_event_emission_domains=default_event_emission_domains,
        check_purity=check_purity,
    )


_ARGUMENTS = (
    "context",
    "input",
    "service",
    "collected_events",
    "metadata",
    "domain",
    "contracts",
    "span",
    "progress",
)
