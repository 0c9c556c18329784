"""Checks of the events that an orchestration receives against its contracts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, NamedTuple

from arvo.contracts import SYSTEM_ERROR_SCHEMA, VersionedArvoContract
from arvo.errors import ConfigViolation, ContractViolation, InvalidPayloadError
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
    named, accepted, expected = match
    if event.type not in expected and _reports_a_failure(event):
        return
    if named is None:
        raise ContractViolation(
            f"{_FAILED}unable to parse dataschema='{event.dataschema}' of event (id='{event.id}', "
            f"type='{event.type}'). To fix: set it to '<contract uri>/<version>', as the event factories do."
        )
    if accepted is None:
        raise ConfigViolation(
            f"Contract validation failed - Event does not match any registered contract schemas in the {owner}: "
            f"(id='{event.id}', type='{event.type}'). It accepts {', '.join(expected)}."
        )
    if named.uri != accepted.contract.uri:
        raise _mismatch("URI", event, accepted)
    if named.version != accepted.contract.version and not is_wildcard_version(named.version):
        raise _mismatch("version", event, accepted)
    try:
        accepted.schema.parse(event.data)
    except InvalidPayloadError as error:
        raise ContractViolation(f"{_FAILED}{error} (event id='{event.id}', type='{event.type}')") from error


def _reports_a_failure(event: ArvoEvent) -> bool:
    """Tell whether an event is the system error that answers one without a contract, which has none either."""
    if not is_system_error_type(event.type):
        return False
    try:
        SYSTEM_ERROR_SCHEMA.parse(event.data)
    except InvalidPayloadError:
        return False
    return True


def _mismatch(what: str, event: ArvoEvent, accepted: AcceptedInput) -> ContractViolation:
    contract = accepted.contract
    return ContractViolation(
        f"{_FAILED}Contract {what} mismatch: {accepted.role} Contract(uri='{contract.uri}', "
        f"version='{contract.version}', type='{contract.accepts.type}') does not match "
        f"Event(dataschema='{event.dataschema}', type='{event.type}', id='{event.id}')."
    )
