"""Routers: each event to the handler of its type, in the name of the router."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import (
    ArvoError,
    ArvoEvent,
    ArvoEventRouter,
    ConfigViolation,
    ContractViolation,
    create_arvo_event_factory,
    create_arvo_event_handler,
    create_arvo_event_router,
    create_multi_arvo_event_handler,
    create_simple_arvo_contract,
)
from tests.arvo.counting import Addends, Sum, add_contract, add_handler

twice_contract = create_simple_arvo_contract(
    uri="#/test/twice", type="number.twice", versions={"1.0.0": {"accepts": Sum, "emits": Sum}}
)
again_contract = create_simple_arvo_contract(
    uri="#/test/add/again", type="number.add", versions={"1.0.0": {"accepts": Addends, "emits": Sum}}
)


def twice(event: ArvoEvent) -> Any:
    return {"type": "evt.number.twice.success", "data": {"sum": event.data["sum"] * 2}}


def handler_of(contract: Any, function: Any, **options: Any) -> Any:
    return create_arvo_event_handler(contract=contract, executionunits=4, handler={"1.0.0": function}, **options)


def router(*handlers: Any) -> ArvoEventRouter:
    return create_arvo_event_router(source="com.test.router", executionunits=10, handlers=handlers)


def request(contract: Any = twice_contract, **fields: Any) -> ArvoEvent:
    factory = create_arvo_event_factory(contract.version("1.0.0"))
    data = {"sum": 3} if contract is twice_contract else {"left": 1, "right": 2}
    return factory.accepts(**{"source": "com.test.app", "data": data, "to": "com.test.router", **fields})


async def test_each_event_goes_to_the_handler_of_its_type() -> None:
    both = router(add_handler(), handler_of(twice_contract, twice))
    added, doubled = [(await both.execute(request(one))).events[0] for one in (add_contract, twice_contract)]
    assert (added.type, added.data) == ("evt.number.add.success", {"sum": 3})
    assert (doubled.type, doubled.data) == ("evt.number.twice.success", {"sum": 6})


async def test_answers_leave_in_its_own_name() -> None:
    event = request(domain="shop")
    (answer,) = (
        await router(handler_of(twice_contract, lambda event: {**twice(event), "domain": ["bank"]})).execute(event)
    ).events
    assert (answer.source, answer.executionunits) == ("com.test.router", 14)
    assert (answer.parentid, answer.domain, answer.dataschema) == (event.id, "bank", "#/test/twice/1.0.0")


async def test_a_repetition_has_the_same_ids() -> None:
    event, one = request(), router(handler_of(twice_contract, twice))
    assert (await one.execute(event)).events[0].id == (await one.execute(event)).events[0].id


async def test_a_failure_is_that_of_the_handler() -> None:
    def fail() -> None:
        raise LookupError("no luck")

    result = await router(handler_of(twice_contract, fail)).execute(request(domain="shop"))
    assert isinstance(result.error, LookupError)
    assert {event.type for event in result.events} == {"sys.com.number.twice.error"}
    assert {event.source for event in result.events} == {"com.test.router"}
    assert [event.domain for event in result.events] == ["shop", None]


async def test_a_failure_that_the_handler_cannot_tell_is_that_of_the_router() -> None:
    def fail() -> None:
        raise LookupError("no luck")

    broken = handler_of(twice_contract, fail, system_error_domain=["No Domain"])
    (error,) = (await router(broken).execute(request())).events
    assert (error.type, error.source, error.to) == ("sys.com.test.router.error", "com.test.router", "com.test.app")
    assert (error.data["errorName"], error.executionunits) == ("InvalidEventError", 10)


async def test_a_violation_passes() -> None:
    with pytest.raises(ContractViolation):
        await router(handler_of(twice_contract, lambda: {"type": "evt.number.thrice.success", "data": {}})).execute(
            request()
        )


async def test_a_type_that_nobody_takes_is_refused_with_the_nearest() -> None:
    near = create_simple_arvo_contract(
        uri="#/test/twices", type="number.twices", versions={"1.0.0": {"accepts": Sum, "emits": Sum}}
    )
    event = create_arvo_event_factory(near.version("1.0.0")).accepts(
        source="com.test.app", to="com.test.router", data={"sum": 3}
    )
    with pytest.raises(ConfigViolation, match=r"'com.number.twices' .*'com.test.router'.*send 'com.number.twice', or"):
        await router(handler_of(twice_contract, twice)).execute(event)


async def test_an_event_for_the_type_and_not_for_the_router_is_refused() -> None:
    with pytest.raises(ConfigViolation, match=r"Expected 'com.test.router', received 'com.number.twice'"):
        await router(handler_of(twice_contract, twice)).execute(request(to="com.number.twice"))


@pytest.mark.parametrize("other", [add_contract, again_contract], ids=["one contract", "two contracts"])
def test_two_handlers_of_one_type_are_refused_with_both(other: Any) -> None:
    with pytest.raises(ArvoError, match=rf"'com.number.add'.*{add_contract.uri} and {other.uri}"):
        router(add_handler(), handler_of(other, twice))


def test_one_handler_twice_is_refused() -> None:
    one = add_handler()
    with pytest.raises(ArvoError, match="Duplicate handler registration"):
        router(one, one)


@pytest.mark.parametrize(
    ("handlers", "told"),
    [
        (5, r"handlers=...\) is 5"),
        ({"com.number.add": add_handler()}, "is a value of type dict"),
        ([twice_contract], r"\[0\] is a value of type ArvoContract, not an ArvoEventHandler"),
        (
            [create_multi_arvo_event_handler(source="a.b", executionunits=1, handler=twice)],
            "MultiArvoEventHandler, not",
        ),
        ([router()], "ArvoEventRouter, not an ArvoEventHandler"),
    ],
)
def test_what_is_no_list_of_handlers_is_refused_with_the_cure(handlers: Any, told: str) -> None:
    with pytest.raises(ConfigViolation, match=told):
        create_arvo_event_router(source="com.test.router", executionunits=1, handlers=handlers)


@pytest.mark.parametrize("source", ["", "com..router", "Com.Router", "com.router\n", "arvo.orc.router"])
def test_a_source_that_nothing_can_be_sent_to_is_refused(source: str) -> None:
    with pytest.raises(ArvoError, match=r"Invalid source identifier .* in create_arvo_event_router"):
        create_arvo_event_router(source=source, executionunits=1, handlers=[])
