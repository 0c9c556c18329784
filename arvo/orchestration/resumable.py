"""Resumables: orchestrations written as functions instead of machines."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from opentelemetry import trace
from pydantic import BaseModel

from arvo.contracts import ArvoContract, VersionedArvoContract
from arvo.errors import ConfigViolation, ExecutionViolation, shorten
from arvo.events import ArvoEvent, Domains
from arvo.handling import RESUMABLE, reproducible, wanted_arguments
from arvo.orchestration.admission import Admitted
from arvo.orchestration.given import check_contracts, check_instance
from arvo.orchestration.machine_checks import check_services
from arvo.orchestration.memory import (
    IMachineMemory,
    RecordedError,
    SimpleMachineMemory,
    storable,
    stored_object,
)
from arvo.orchestration.orchestration import EventEmissionDomains, Orchestration, Outcome
from arvo.orchestration.step import OrchestrationStep
from arvo.orchestration.validation import (
    AcceptedInput,
    ContractMatch,
    accepted_answers,
    accepted_init,
    match_contract,
)
from arvo.wire import JsonObject, parse_dataschema


class ResumableEvents(TypedDict):
    """Events of the last step, and the answers that are awaited, as Arvo JSON.

    Attributes:
        consumed: The event consumed last.
        expected: By the id of each event that was sent last, the answers that have come to it.
        produced: The events produced last.
    """

    consumed: JsonObject | None
    expected: dict[str, list[JsonObject]] | None
    produced: list[JsonObject]


_State = TypedDict("_State", {"state$$": NotRequired[JsonObject | None]})


class ResumableRecord(_State):
    """State of one resumable: plain JSON with Arvo's keys, shared with the TypeScript packages.

    After a failure a record consists of exactly `executionStatus`, `subject` and `error`.

    Attributes:
        executionStatus: `failure` once the function has raised; such an orchestration ignores all events.
        subject: Subject of the orchestration; the key of the record.
        status: `done` once there is an output.
        parentSubject: Subject of the orchestration that started this one; None for a root.
        initEventId: Id of the event that started the orchestration; `parentid` of its completion.
        events: Events of the last step, and answers awaited.
        state$$: The context that the function returned last.
        error: What the function raised.
    """

    executionStatus: Literal["normal", "failure"]
    subject: str
    status: NotRequired[Literal["active", "done"]]
    parentSubject: NotRequired[str | None]
    initEventId: NotRequired[str]
    events: NotRequired[ResumableEvents]
    error: NotRequired[RecordedError]


class ResumableContracts(TypedDict):
    """The contract of a resumable in all its versions, and those of the services it talks to."""

    self: ArvoContract
    services: Mapping[str, VersionedArvoContract]


class ResumableOutput(TypedDict, total=False):
    """What the function of a resumable returns; all of it can be left out.

    Attributes:
        context: The new context, a JSON object or a model; left out, the old one stays.
        services: Events to send to services, in the form that a machine's `emit` takes.
        output: The result, which completes the orchestration.
    """

    context: JsonObject | BaseModel | None
    services: Sequence[Mapping[str, Any]]
    output: Mapping[str, Any] | BaseModel


ResumableFunction = Callable[..., ResumableOutput | Awaitable[ResumableOutput | None] | None]

ResumableStep: TypeAlias = OrchestrationStep[ResumableRecord]


class ArvoResumable(Orchestration[ResumableRecord, VersionedArvoContract]):
    """An orchestration whose logic is a function for each version of its contract.

    Attributes:
        contracts: Own contract and service contracts.
        handler: The function of each version.
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

    async def _run(
        self, logic: VersionedArvoContract, event: ArvoEvent, record: ResumableRecord | None, admitted: Admitted
    ) -> ResumableStep:
        if record is not None and record.get("status") == "done":
            self._emit(Outcome("done", (), None, logic, self._services), event, admitted)
            return OrchestrationStep(record)
        record = None if record is None else _collect(event, record)
        result = await self._call(logic, event, record)
        return self._conclude(logic, result, event, record, admitted)

    async def _call(
        self, contract: VersionedArvoContract, event: ArvoEvent, record: ResumableRecord | None
    ) -> ResumableOutput:
        starts = event.type == self.source
        offered: dict[str, Any] = {
            "context": _state(record),
            "input": event if starts else None,
            "service": None if starts else event,
            "collected_events": _by_type(record),
            "metadata": record,
            "domain": {"self": self.domain, "event": event.domain},
            "contracts": {"self": contract, "services": self.contracts["services"]},
            "span": trace.get_current_span(),
        }
        version = contract.version
        # A function may draw any number of ids, and those of the events produced are not to depend on it.
        with reproducible(event.subject, *event.key, version):
            result = self.handler[version](**{name: offered[name] for name in self._arguments[version]})
            return (await result if inspect.isawaitable(result) else result) or {}

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
                "expected": {event.id: [] for event in events} if events else _expected(record),
                "produced": [event.to_json() for event in events],
            },
            "state$$": _state(record) if new_context is None else new_context,
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
) -> ArvoResumable:
    """Create an orchestration from functions, one for each version of its contract.

    A function is sync or async, and takes by name any of `context` (what it returned last, or None), `input` (the
    init event, or None), `service` (a service's answer, or None), `collected_events` (the answers to what was sent
    last, by type), `metadata` (the record), `domain` (mapping of `self` and `event`), `contracts` and `span`. It
    returns nothing or a `ResumableOutput`.

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

    Raises:
        ConfigViolation: Two services have one contract, or the orchestration is its own service.
        TypeError: A function requires an argument that is not on offer.
    """
    check_contracts(contracts, "create_arvo_resumable", versioned=False)
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
    )


_ARGUMENTS = ("context", "input", "service", "collected_events", "metadata", "domain", "contracts", "span")


def _state(record: ResumableRecord | None) -> JsonObject | None:
    return None if record is None else record.get("state$$")


def _expected(record: ResumableRecord | None) -> dict[str, list[JsonObject]] | None:
    if record is None:
        return None
    expected = stored_object(record, "events").get("expected")
    if expected is None or (isinstance(expected, dict) and all(isinstance(some, list) for some in expected.values())):
        return expected
    raise ExecutionViolation(
        f"The stored record of subject {shorten(record.get('subject'))} does not fit: its 'events.expected' must map "
        f"ids to lists of events. To fix: restore the record."
    )


def _collect(event: ArvoEvent, record: ResumableRecord) -> ResumableRecord:
    expected = _expected(record)
    if event.parentid is None or not expected or event.parentid not in expected:
        return record
    answers = [*expected[event.parentid], event.to_json()]
    return {**record, "events": {**record["events"], "expected": {**expected, event.parentid: answers}}}


def _by_type(record: ResumableRecord | None) -> dict[str, list[ArvoEvent]]:
    collected: dict[str, list[ArvoEvent]] = {}
    for answers in (_expected(record) or {}).values():
        for answer in map(ArvoEvent.from_json, answers):
            collected.setdefault(answer.type, []).append(answer)
    return collected
