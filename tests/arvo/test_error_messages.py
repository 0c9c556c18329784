"""Messages of errors: whatever an error is about, its message can be read, stored and sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    ArvoOrchestrationSubject,
    ContractViolation,
    ViolationError,
    create_arvo_contract,
    create_arvo_event,
    create_arvo_event_factory,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    create_simple_arvo_contract,
    setup_arvo_machine,
)
from arvo.errors import MAX_MESSAGE, ArvoError, InvalidPayloadError
from arvo.orchestration.memory import SimpleMachineMemory
from arvo.wire.payload import PayloadSchema
from tests.arvo.counting import CONFIG, CONTRACTS, add_contract, add_handler, count_contract, count_orchestrator, start

BIG = "x" * 5_000_000
SURROGATES = "\ud800" * 5_000_000
INIT = start()
ORCHESTRATOR = count_orchestrator()
RECORD = ORCHESTRATOR.step(INIT, None).record
REQUEST = ORCHESTRATOR.step(INIT, None).events[0]
RESUMABLE = create_arvo_resumable(
    contracts={"self": count_contract, "services": CONTRACTS["services"]}, handler={"1.0.0": lambda: None}
)
ADD = create_arvo_event_factory(add_contract.version("1.0.0"))
COUNT = create_arvo_orchestrator_event_factory(count_contract.version("1.0.0"))


class Names(BaseModel):
    names: list[str]
    by_name: dict[str, int] = {}


class BrokenMemory(SimpleMachineMemory):
    async def read(self, id: str, /) -> dict[str, Any] | None:
        raise OSError(BIG)


class StuckMemory(SimpleMachineMemory):
    async def lock(self, id: str, /) -> bool:
        return False


def event_with(event: ArvoEvent, **fields: Any) -> ArvoEvent:
    """An event of megabytes: the constructor, unlike the reader of JSON, has no bound."""
    return ArvoEvent(**{**event.to_json(), **fields})


def raw_event(**fields: Any) -> ArvoEvent:
    return create_arvo_event(**{"type": "com.a.b", "source": "a.b.c", "subject": "s", "data": {}, **fields})


def subject(**parts: Any) -> str:
    return ArvoOrchestrationSubject.new(
        **{"orchestrator": "arvo.orc.a", "version": "1.0.0", "initiator": "a.b.c", **parts}
    )


def contract(**parts: Any) -> Any:
    one = {"1.0.0": {"accepts": Names, "emits": {"evt.a.b": Names}}}
    return create_arvo_contract(**{"uri": "#/a", "type": "com.a.b", "versions": one, **parts})


REFUSALS: dict[str, Callable[[], Any]] = {
    "id": lambda: raw_event(id=SURROGATES),
    "type": lambda: raw_event(type=BIG),
    "source": lambda: raw_event(source=SURROGATES),
    "time": lambda: raw_event(time=BIG),
    "domain": lambda: raw_event(domain=f"{BIG}!"),
    "extension name": lambda: raw_event(extensions={f"{BIG}!": 1}),
    "extension value": lambda: raw_event(extensions={"a": [BIG]}),
    "key of data": lambda: raw_event(data={BIG: object()}),
    "text of data": lambda: raw_event(data={"a": SURROGATES}),
    "key that is no text": lambda: raw_event(data={10**5_000: 1}),
    "extension name that is no text": lambda: raw_event(extensions={10**5_000: 1}),
    "JSON": lambda: ArvoEvent.from_json(BIG),
    "field in JSON": lambda: ArvoEvent.from_json({"id": BIG, "source": f"{BIG} "}),
    "subject": lambda: ArvoOrchestrationSubject.parse(BIG),
    "parent subject": lambda: ArvoOrchestrationSubject.from_(orchestrator="a.b.c", version=None, subject=BIG),
    "name in a subject": lambda: subject(orchestrator=f"{BIG}!"),
    "version in a subject": lambda: subject(version=BIG),
    "initiator in a subject": lambda: subject(initiator=SURROGATES),
    "meta of a subject": lambda: subject(meta={BIG: SURROGATES}),
    "uri of a contract": lambda: contract(uri=f"{BIG} "),
    "reserved type": lambda: contract(type=f"arvo.orc.{BIG}"),
    "reserved type in a long contract": lambda: contract(uri=BIG, type="arvo.orc.a"),
    "version of a contract": lambda: contract(versions={BIG: {"accepts": Names, "emits": {}}}),
    "emitted type": lambda: contract(versions={"1.0.0": {"accepts": Names, "emits": {BIG: Names}}}),
    "type of a simple contract": lambda: create_simple_arvo_contract(uri="#/a", type=f"{BIG}!", versions={}),
    "name of an orchestrator": lambda: create_arvo_orchestrator_contract(uri="#/a", name=f"{BIG}!", versions={}),
    "unknown version": lambda: add_contract.version(BIG),
    "unknown emitted type": lambda: ADD.emits(type=BIG, source="a.b.c", data={}),
    "source without a subject": lambda: ADD.accepts(source=BIG, data={"left": 1, "right": 2}),
    "data of a factory": lambda: ADD.accepts(source="a.b.c", data={BIG: BIG}),
    "parent of a factory": lambda: COUNT.init(source="a.b.c", data={"parentSubject$$": BIG, "goal": 1}),
    "version of a config": lambda: setup_arvo_machine(contracts=CONTRACTS).create_machine({"version": BIG}),
    "key of a config": lambda: setup_arvo_machine(contracts=CONTRACTS).create_machine(
        {**CONFIG, "states": {BIG: {"invoke": {"src": BIG}}}}
    ),
    "machine for a subject": lambda: ORCHESTRATOR.registry.resolve(subject(version=f"{'1' * 50_000}.0.0")),
    "broken payload": lambda: PayloadSchema.of(Names).parse({"names": [1] * 1_000_000}),
    "payload of bad members": lambda: PayloadSchema.of(Names).parse(
        {"names": [], "by_name": {f"{key:x<40}": BIG[:4] for key in range(100_000)}}
    ),
}


@pytest.mark.parametrize("door", REFUSALS)
def test_is_bounded_where_a_value_is_refused(door: str) -> None:
    with pytest.raises(ArvoError) as refusal:
        REFUSALS[door]()
    assert_small(refusal.value)


MEGABYTES: dict[str, dict[str, Any]] = {
    "subject": {"subject": BIG},
    "dataschema": {"dataschema": f"{BIG}/1.0.0"},
    "version": {"dataschema": f"{INIT.dataschema}{'1' * 5_000_000}"},
    "no version": {"dataschema": BIG},
    "type": {"type": f"com.{BIG}.a", "id": BIG},
    "data": {"data": {BIG: [1] * 500_000}, "id": BIG},
}


@pytest.mark.parametrize("field", MEGABYTES)
def test_is_bounded_where_an_orchestrator_refuses_an_event(field: str) -> None:
    with pytest.raises(ViolationError) as refusal:
        ORCHESTRATOR.step(event_with(INIT, **MEGABYTES[field]), RECORD)
    assert_small(refusal.value)


@pytest.mark.parametrize("field", [field for field in MEGABYTES if field != "version"])
def test_is_bounded_where_a_resumable_refuses_an_event(field: str) -> None:
    record = RESUMABLE.step(INIT, None).record
    with pytest.raises(ViolationError) as refusal:
        RESUMABLE.step(event_with(INIT, **MEGABYTES[field]), record)
    assert_small(refusal.value)


@pytest.mark.parametrize("field", [field for field in MEGABYTES if field not in ("subject", "no version")])
async def test_is_bounded_where_a_handler_refuses_an_event(field: str) -> None:
    with pytest.raises(ViolationError) as refusal:
        await add_handler().execute(event_with(REQUEST, **MEGABYTES[field]))
    assert_small(refusal.value)


@pytest.mark.parametrize("memory", [BrokenMemory(), StuckMemory()])
async def test_is_bounded_where_the_memory_fails(memory: SimpleMachineMemory) -> None:
    orchestrator = count_orchestrator(memory=memory, requires_resource_locking=True)
    with pytest.raises(ViolationError) as refusal:
        await orchestrator.execute(event_with(INIT, id=BIG))
    assert_small(refusal.value)


def test_keeps_beginning_and_end_of_a_long_message() -> None:
    message = str(ContractViolation(f"first {BIG} last"))
    assert message.startswith("ViolationError<Contract> first xxx")
    assert "5000036 characters" in message
    assert message.endswith("xxx last")


def test_counts_problems_that_are_too_many_to_list() -> None:
    class Closed(BaseModel, extra="forbid"):
        pass

    with pytest.raises(InvalidPayloadError, match="it has 20000 problems") as refusal:
        PayloadSchema.of(Closed).parse({f"key{number}": 1 for number in range(20_000)})
    assert refusal.value.paths == [""]


def test_large_data_is_told_the_first_problem_of_each_list() -> None:
    with pytest.raises(InvalidPayloadError) as refusal:
        PayloadSchema.of(Names).parse({"names": ["a", *([1] * 100_000)], "by_name": {"a": "b", "c": "d"}})
    assert refusal.value.paths == ["names.1", "by_name.a"]


def test_large_data_that_fits_is_read_as_small_data_is() -> None:
    data = {"names": ["a"] * 100_000, "by_name": {"a": 1.0}, "unknown": None}
    assert PayloadSchema.of(Names).validate(data) == {"names": ["a"] * 100_000, "by_name": {"a": 1}}


def assert_small(error: ArvoError) -> None:
    assert len(str(error)) <= MAX_MESSAGE
    str(error).encode()
    if isinstance(paths := getattr(error, "paths", []), list):
        assert all(len(path) <= MAX_MESSAGE for path in paths)
