"""Checks of the events that an orchestration receives against its contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from arvo.contracts import VersionedArvoContract
from arvo.errors import ConfigViolation, ContractViolation, InvalidPayloadError
from arvo.events import ArvoEvent
from arvo.telemetry import log
from arvo.wire import Dataschema, PayloadSchema, is_wildcard_version, parse_dataschema

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


def validate_input(event: ArvoEvent, inputs: Mapping[str, AcceptedInput], owner: str) -> None:
    """Check an event against the contract that its type belongs to.

    Args:
        event: The event received.
        inputs: Event types that may be received.
        owner: What received it, for messages.

    Raises:
        ContractViolation: The event's dataschema cannot be read, names another contract or version, or its
            data does not fit.
        ConfigViolation: No contract has the event's type.
    """
    named = read_dataschema(event)
    accepted = inputs.get(event.type)
    if accepted is None:
        log("WARNING", f"No contract has the type '{event.type}'")
        raise ConfigViolation(
            f"Contract validation failed - Event does not match any registered contract schemas in the {owner}: "
            f"(id='{event.id}', type='{event.type}'). It accepts {', '.join(inputs)}."
        )
    check_input(event, named, accepted)


def read_dataschema(event: ArvoEvent) -> Dataschema:
    """Contract and version that an event names.

    Raises:
        ContractViolation: It names none.
    """
    named = parse_dataschema(event.dataschema)
    if named is None:
        log("ERROR", f"Unable to parse dataschema '{event.dataschema}'")
        log("WARNING", "Without its dataschema the contract of the event cannot be resolved")
        raise ContractViolation(
            f"{_FAILED}unable to parse dataschema='{event.dataschema}' of event (id='{event.id}', "
            f"type='{event.type}'). To fix: set it to '<contract uri>/<version>', as the event factories do."
        )
    return named


def check_input(event: ArvoEvent, named: Dataschema, accepted: AcceptedInput) -> None:
    """Check an event against the contract that was found for it.

    Raises:
        ContractViolation: It names another contract or version, or its data does not fit.
    """
    contract = accepted.contract
    log("INFO", f"Dataschema resolved: '{contract.dataschema}'")
    if named.uri != contract.uri:
        raise _mismatch("URI", event, accepted)
    if named.version != contract.version and not is_wildcard_version(named.version):
        raise _mismatch("version", event, accepted)
    try:
        accepted.schema.parse(event.data)
    except InvalidPayloadError as error:
        raise ContractViolation(f"{_FAILED}{error} (event id='{event.id}', type='{event.type}')") from error


def _mismatch(what: str, event: ArvoEvent, accepted: AcceptedInput) -> ContractViolation:
    contract = accepted.contract
    return ContractViolation(
        f"{_FAILED}Contract {what} mismatch: {accepted.role} Contract(uri='{contract.uri}', "
        f"version='{contract.version}', type='{contract.accepts.type}') does not match "
        f"Event(dataschema='{event.dataschema}', type='{event.type}', id='{event.id}')."
    )
