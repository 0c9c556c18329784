"""Checks of the events that an orchestration receives against its contracts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from arvo.contracts import SYSTEM_ERROR_SCHEMA, VersionedArvoContract
from arvo.errors import ConfigViolation, ContractViolation, InvalidPayloadError, ViolationError
from arvo.events import ArvoEvent
from arvo.wire import Dataschema, PayloadSchema, is_system_error_type, is_wildcard_version, parse_dataschema

_FAILED = "Input validation failed - Event data does not meet contract requirements: "


class AcceptedInput(NamedTuple):
    """How an event type that an orchestration may receive is checked."""

    role: Literal["self", "service"]
    contract: VersionedArvoContract
    schema: PayloadSchema[Any]


def accepted_init(contract: VersionedArvoContract) -> AcceptedInput:
    """The event that starts an orchestration of this contract."""
    return AcceptedInput("self", contract, contract.accepts.schema)


def accepted_answers(services: Mapping[str, VersionedArvoContract]) -> dict[str, AcceptedInput]:
    """What services may answer, errors included, by event type; of two services the first one wins."""
    inputs: dict[str, AcceptedInput] = {}
    for contract in services.values():
        error = contract.system_error
        for type_, schema in {**contract.emits, error.type: error.schema}.items():
            inputs.setdefault(type_, AcceptedInput("service", contract, schema))
    return inputs


class ContractMatch(NamedTuple):
    """The contract that an event has to fit.

    Attributes:
        named: Contract and version that the event itself names; None if it names none.
        accepted: How events of its type are checked; None if there is no such type, or nothing is named.
        expected: Event types that may be received.
    """

    named: Dataschema | None
    accepted: AcceptedInput | None
    expected: Collection[str]


def match_contract(event: ArvoEvent, inputs: Mapping[str, AcceptedInput]) -> ContractMatch:
    """Find the contract that an event has to fit by its type.

    Args:
        event: The event received.
        inputs: Event types that may be received.
    """
    named = parse_dataschema(event.dataschema)
    return ContractMatch(named, None if named is None else inputs.get(event.type), inputs.keys())


@dataclass(frozen=True, slots=True)
class EventValidationResult:
    """What the contracts of an orchestration say of an event.

    Attributes:
        type: `VALID`; `INVALID` if its dataschema cannot be read, or names another contract or version;
            `CONTRACT_UNRESOLVED` if no contract has its type; `INVALID_DATA` if its data does not fit.
        contract_type: Whose contract a valid event fits: `self` for one that starts the orchestration, `service` for
            an answer; None for the system error that answers an event without a contract.
        error: What `execute` raises for an event that is not valid; of `INVALID_DATA` its cause is an
            `InvalidPayloadError`, whose `paths` say where.
    """

    type: Literal["VALID", "INVALID", "CONTRACT_UNRESOLVED", "INVALID_DATA"]
    contract_type: Literal["self", "service"] | None = None
    error: ViolationError | None = None


def validate_event(event: ArvoEvent, match: ContractMatch, owner: str) -> EventValidationResult:
    """Hold an event against its contract.

    Args:
        event: The event received.
        match: The contract found for it.
        owner: What received it, for messages.
    """
    named, accepted, expected = match
    if event.type not in expected and _reports_a_failure(event):
        return EventValidationResult("VALID")
    if named is None:
        return _invalid(
            f"unable to parse dataschema='{event.dataschema}' of event (id='{event.id}', "
            f"type='{event.type}'). To fix: set it to '<contract uri>/<version>', as the event factories do."
        )
    if accepted is None:
        problem = (
            f"Contract validation failed - Event does not match any registered contract schemas in the {owner}: "
            f"(id='{event.id}', type='{event.type}'). It accepts {', '.join(expected)}."
        )
        return EventValidationResult("CONTRACT_UNRESOLVED", error=ConfigViolation(problem))
    if named.uri != accepted.contract.uri:
        return _mismatch("URI", event, accepted)
    if named.version != accepted.contract.version and not is_wildcard_version(named.version):
        return _mismatch("version", event, accepted)
    try:
        accepted.schema.parse(event.data)
    except InvalidPayloadError as error:
        violation = ContractViolation(f"{_FAILED}{error} (event id='{event.id}', type='{event.type}')")
        violation.__cause__ = error
        return EventValidationResult("INVALID_DATA", error=violation)
    return EventValidationResult("VALID", accepted.role)


def check_input(event: ArvoEvent, match: ContractMatch, owner: str) -> None:
    """Check an event against its contract.

    Args:
        event: The event received.
        match: The contract found for it.
        owner: What received it, for messages.

    Raises:
        ContractViolation: The event's dataschema cannot be read, names another contract or version, or its
            data does not fit.
        ConfigViolation: No contract has the event's type, and it is no system error.
    """
    error = validate_event(event, match, owner).error
    if error is not None:
        raise error


def _reports_a_failure(event: ArvoEvent) -> bool:
    """Tell whether an event is the system error that answers one without a contract, which has none either."""
    if not is_system_error_type(event.type):
        return False
    try:
        SYSTEM_ERROR_SCHEMA.parse(event.data)
    except InvalidPayloadError:
        return False
    return True


def _mismatch(what: str, event: ArvoEvent, accepted: AcceptedInput) -> EventValidationResult:
    contract = accepted.contract
    return _invalid(
        f"Contract {what} mismatch: {accepted.role} Contract(uri='{contract.uri}', "
        f"version='{contract.version}', type='{contract.accepts.type}') does not match "
        f"Event(dataschema='{event.dataschema}', type='{event.type}', id='{event.id}')."
    )


def _invalid(problem: str) -> EventValidationResult:
    return EventValidationResult("INVALID", error=ContractViolation(_FAILED + problem))
