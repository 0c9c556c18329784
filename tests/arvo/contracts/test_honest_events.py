"""What a contract cannot tell from its types is refused when an event is made: nothing is sent as something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, BeforeValidator, Field, PrivateAttr, SecretStr
from pydantic.dataclasses import dataclass

from arvo import (
    ArvoEvent,
    HandlerOutput,
    MachineExecutionEngine,
    create_arvo_event,
    create_arvo_event_factory,
    create_arvo_event_handler,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    setup_arvo_machine,
)
from arvo.errors import ContractViolation, ExecutionViolation, InvalidPayloadError
from arvo.statechart import ContextError, create_machine, initial_transition


class Animal(BaseModel):
    name: str


class Bird(Animal):
    wings: int


class Everything(BaseModel):
    anything: Any = None
    several: Sequence[int] = []
    number: float | None = None
    animal: Animal | None = None
    at: datetime | None = None


class Login(BaseModel):
    password: SecretStr


@dataclass
class LoginOfAnotherKind:
    password: SecretStr


class Plain(BaseModel):
    password: str = ""
    anything: Any = None


ODD_ZONE = timezone(timedelta(seconds=1))


def accepts(payload: Any) -> Callable[[Any], ArvoEvent]:
    contract = create_simple_arvo_contract(
        uri="#/it", type="test.it", versions={"1.0.0": {"accepts": payload, "emits": payload}}
    )
    factory = create_arvo_event_factory(contract.version("1.0.0"))
    return lambda data: factory.accepts(source="com.test.it", subject="s", data=data)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (Everything(anything=datetime.now(UTC)), "anything"),
        (Everything(anything={"a": [1, (2,)]}), "anything.a.1"),
        (Everything(several=(1, 2)), "several"),
        (Everything(number=float("nan")), "number"),
        (Everything(animal=Bird(name="a", wings=2)), "animal"),
        (Everything(at=datetime(2025, 1, 1, tzinfo=ODD_ZONE)), "at"),
        ({"anything": datetime.now(UTC)}, "anything"),
        ({"anything": {"a": {1: 2}}}, "anything.a"),
        ({"number": float("inf")}, "number"),
        ({"anything": Animal(name="a")}, "anything"),
        ({"at": datetime(2025, 1, 1, tzinfo=ODD_ZONE)}, "at"),
    ],
)
def test_a_value_that_would_be_read_as_another_is_refused_with_its_place(data: Any, path: str) -> None:
    with pytest.raises(InvalidPayloadError, match="would not be read as what it is") as error:
        accepts(Everything)(data)
    assert error.value.paths == [path]


@pytest.mark.parametrize(
    "data",
    [
        {"anything": {"a": [1.0, None, "x", (1, 2)]}, "several": (1, 2), "unknown": 1},
        {"at": datetime(2025, 1, 1, tzinfo=UTC), "animal": Animal(name="a")},
        {"several": iter([1, 2])},
        {"animal": Bird(name="a", wings=2).model_dump()},
    ],
)
def test_what_stands_for_the_same_json_is_taken(data: Any) -> None:
    assert accepts(Everything)(data).type == "com.test.it"


def test_private_attributes_are_no_part_of_the_data() -> None:
    class Cached(BaseModel):
        _seen: list[int] = PrivateAttr(default_factory=list)
        number: int

    data = Cached(number=1)
    data._seen.append(1)
    assert accepts(Cached)(data).data == {"number": 1}


@pytest.mark.parametrize("data", [None, {"key": "given"}])
def test_a_validator_that_does_not_take_what_it_has_made_is_met_when_the_event_is_made(data: Any) -> None:
    def once(value: Any) -> Any:
        if value == "written":
            raise LookupError("no such key")
        return "written" if value == "given" else value

    class Given(BaseModel):
        key: Annotated[str, BeforeValidator(once)] = Field()

    with pytest.raises(InvalidPayloadError, match="a validator raises LookupError: no such key"):
        accepts(Given)(data if isinstance(data, dict) else Given(key="given"))


SECRETS = [
    Login(password="x"),
    LoginOfAnotherKind(password=SecretStr("x")),
    {"password": SecretStr("x")},
    {"anything": {"deep": [SecretStr("x")]}},
    {"anything": Login(password="x")},
    Plain(anything=SecretStr("x")),
    Plain(anything=[Login(password="x")]),
]


@pytest.mark.parametrize("data", SECRETS)
def test_a_secret_is_never_sent_as_asterisks(data: Any) -> None:
    with pytest.raises(InvalidPayloadError, match=r"is a secret.*ArvoApp\(codec") as error:
        accepts(Plain)(data)
    assert error.value.paths[0].startswith(("password", "anything"))


def test_nor_by_an_event_without_contract() -> None:
    with pytest.raises(InvalidPayloadError, match="password is a secret"):
        create_arvo_event(type="com.test.it", source="com.test", subject="s", data=Login(password="x"))


async def test_nor_by_a_handler() -> None:
    def answer(event: ArvoEvent) -> HandlerOutput:
        return {"type": "evt.test.it.success", "data": Login(password="x")}

    contract = create_simple_arvo_contract(
        uri="#/it", type="test.it", versions={"1.0.0": {"accepts": Plain, "emits": Plain}}
    )
    handler = create_arvo_event_handler(contract=contract, executionunits=1, handler={"1.0.0": answer})
    with pytest.raises(ContractViolation, match="password is a secret"):
        await handler.execute(accepts(Plain)({}))


def machine(config: dict[str, Any]) -> Any:
    flow = create_arvo_orchestrator_contract(
        uri="#/flow", name="flow", versions={"1.0.0": {"init": Plain, "complete": Plain}}
    ).version("1.0.0")
    init = create_arvo_orchestrator_event_factory(flow).init(source="com.test.it", data={"parentSubject$$": None})
    made = setup_arvo_machine(contracts={"self": flow, "services": {}}).create_machine({"id": "m", **config})
    return lambda: MachineExecutionEngine().execute(made, None, init)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"context": lambda: {"key": SecretStr("x")}}, "context.key is of type SecretStr"),
        ({"type": "final", "output": lambda: Plain(anything=(1,))}, "output of machine 'm' cannot be stored.*anything"),
        ({"type": "final", "output": lambda: Login(password="x")}, "output of machine 'm' cannot be stored.*password"),
    ],
)
def test_nor_is_it_stored(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ExecutionViolation, match=message):
        machine(config)()


def test_a_context_that_its_json_would_not_bring_back_refuses_the_event() -> None:
    def start() -> Everything:
        return Everything(several=(1, 2))

    started = create_machine({"id": "m", "context": start, "initial": "a", "states": {"a": {}}}, context=Everything)
    with pytest.raises(ContextError, match="several: a value of type tuple comes back as a value of type list"):
        initial_transition(started)[0].to_json()
    for context in (Everything(anything=b"\xff"), Everything(number=float("nan"))):
        with pytest.raises(ContextError, match=r"anything|number"):
            initial_transition(create_machine({"id": "m", "context": context, "states": {}}))[0].to_json()
    config = {"context": Everything(several=(1, 2)), "initial": "a", "states": {"a": {}}}
    with pytest.raises(ExecutionViolation, match=r"Machine 'm': .*several"):
        machine(config)()
