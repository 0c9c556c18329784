"""A machine tells whether its contracts take an event, in Arvo's four words, and `execute` does as it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from arvo import (
    ArvoEvent,
    ConfigViolation,
    ContractViolation,
    IArvoEventHandler,
    ViolationError,
    create_arvo_resumable,
)
from arvo.errors import InvalidPayloadError
from tests.arvo.counting import CONTRACTS, add_handler, answer, count_contract, count_machine, count_orchestrator, start

MACHINE = count_machine()
INIT = start(goal=2)
ANSWER = answer(INIT, 1)
ERROR = replace(
    ANSWER,
    type="sys.com.number.add.error",
    dataschema="#/test/add/0.0.0",
    data={"errorName": "E", "errorMessage": "m", "errorStack": None},
)

VALID: dict[str, tuple[ArvoEvent, str | None]] = {
    "init event": (INIT, "self"),
    "keys that the contract does not know": (replace(INIT, data={**INIT.data, "more": 1}), "self"),
    "answer": (ANSWER, "service"),
    "answer of the wildcard version": (replace(ANSWER, dataschema="#/test/add/0.0.0"), "service"),
    "system error of a service": (ERROR, "service"),
    "system error of nobody": (replace(ERROR, type="sys.com.note.taken.error", dataschema=None), None),
}
NOT_VALID: dict[str, tuple[ArvoEvent, str, type[ViolationError], str]] = {
    "init without dataschema": (replace(INIT, dataschema=None), "INVALID", ContractViolation, "unable to parse"),
    "unknown without dataschema": (
        replace(ANSWER, type="com.un.known", dataschema=None), "INVALID", ContractViolation, "unable to parse",
    ),
    "init of another version": (
        replace(INIT, dataschema="#/test/count/2.0.0"), "INVALID", ContractViolation, "version mismatch: self",
    ),
    "init of another contract": (
        replace(INIT, dataschema="#/test/other/1.0.0"), "INVALID", ContractViolation, "URI mismatch: self",
    ),
    "answer of another version": (
        replace(ANSWER, dataschema="#/test/add/2.0.0"), "INVALID", ContractViolation, "version mismatch: service",
    ),
    "unknown type": (
        replace(ANSWER, type="com.un.known"), "CONTRACT_UNRESOLVED", ConfigViolation, "It accepts evt.number.add",
    ),
    "system error of nobody with other data": (
        replace(ERROR, type="sys.com.note.taken.error", data={}), "CONTRACT_UNRESOLVED", ConfigViolation, "sys.com",
    ),
    "init with other data": (
        replace(INIT, data={**INIT.data, "goal": "x"}), "INVALID_DATA", ContractViolation, "goal",
    ),
    "answer with other data": (replace(ANSWER, data={}), "INVALID_DATA", ContractViolation, "sum"),
}  # fmt: skip


@pytest.mark.parametrize(("event", "contract_type"), VALID.values(), ids=VALID)
def test_an_event_that_is_taken_is_valid(event: ArvoEvent, contract_type: str | None) -> None:
    result = MACHINE.validate_input(event)
    assert (result.type, result.contract_type, result.error) == ("VALID", contract_type, None)
    orchestrator = count_orchestrator()
    record = None if event.type == INIT.type else orchestrator.step(INIT, None).record
    assert orchestrator.step(event, record).record is not None


@pytest.mark.parametrize(("event", "type_", "error", "says"), NOT_VALID.values(), ids=NOT_VALID)
def test_an_event_that_is_refused_says_why_as_execute_does(
    event: ArvoEvent, type_: str, error: type[ViolationError], says: str
) -> None:
    result = MACHINE.validate_input(event)
    assert (result.type, result.contract_type, type(result.error)) == (type_, None, error)
    assert says in str(result.error)
    orchestrator = count_orchestrator()
    with pytest.raises(error) as raised:
        orchestrator.step(event, None if event.type == INIT.type else orchestrator.step(INIT, None).record)
    assert str(raised.value) == str(result.error)


def test_data_that_does_not_fit_has_its_paths() -> None:
    error = MACHINE.validate_input(NOT_VALID["init with other data"][0]).error
    assert error is not None
    assert isinstance(error.__cause__, InvalidPayloadError)
    assert error.__cause__.paths == ["goal"]


RESUMING: Any = {"self": count_contract, "services": CONTRACTS["services"]}
HANDLERS: list[IArvoEventHandler] = [
    add_handler(),
    count_orchestrator(),
    create_arvo_resumable(contracts=RESUMING, handler={"1.0.0": lambda input: None}),
]


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: type(handler).__name__)
async def test_whatever_handles_events_shows_how_it_tells_of_a_failure(handler: IArvoEventHandler) -> None:
    shown = handler.system_error_schema
    assert shown.type == f"sys.{handler.source}.error"
    assert shown.schema.validate(ERROR.data) == ERROR.data
    with pytest.raises(InvalidPayloadError, match="errorMessage"):
        shown.schema.parse({"errorName": "E", "errorStack": None})
