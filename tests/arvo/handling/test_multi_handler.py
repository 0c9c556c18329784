"""Multi handlers: one function for whatever is addressed to them; what vectors cannot say, as 2.2.13 has no domains."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from arvo import (
    ArvoDomain,
    ArvoError,
    ArvoEvent,
    ArvoOrchestrationSubject,
    ConfigViolation,
    ExecutionResult,
    MultiArvoEventHandler,
    MultiHandlerOutput,
    create_arvo_event,
    create_multi_arvo_event_handler,
)

SUBJECT = ArvoOrchestrationSubject.new(
    orchestrator="arvo.orc.order", version="1.0.0", initiator="com.test.app", domain="shop"
)


def multi(handler: Any, **options: Any) -> MultiArvoEventHandler:
    return create_multi_arvo_event_handler(source="com.test.all", executionunits=2, handler=handler, **options)


def request(**fields: Any) -> ArvoEvent:
    event = {"type": "com.some.type", "to": "com.test.all", "subject": SUBJECT, "data": {"n": 1}, **fields}
    return create_arvo_event(source="com.test.app", **event)


async def run(handler: Any, event: ArvoEvent | None = None, **options: Any) -> list[ArvoEvent]:
    return (await multi(handler, **options).execute(event or request())).events


def done(**fields: Any) -> Any:
    return {"type": "evt.some.done", "data": {}, **fields}


def fail() -> None:
    raise LookupError("no luck")


class Sum(BaseModel):
    total: int


async def test_the_function_takes_what_it_names_and_may_be_async() -> None:
    seen: dict[str, Any] = {}

    async def handle(source: str, event: ArvoEvent) -> MultiHandlerOutput:
        seen.update(source=source, event=event)
        return {"type": "evt.some.done", "data": {}}

    event = request()
    (answer,) = await run(handle, event)
    assert seen == {"source": "com.test.all", "event": event}
    assert answer.parentid == event.id


async def test_a_model_is_data() -> None:
    (answer,) = await run(lambda: done(data=Sum(total=3)))
    assert answer.data == {"total": 3}


@pytest.mark.parametrize(
    ("event_domain", "given", "options", "expected"),
    [
        (None, {}, {}, [None]),
        ("shop", {}, {}, [None]),
        ("bank", {}, {}, ["shop"]),
        (None, {"domain": ["bank", None, "bank"]}, {}, ["bank", None]),
        ("bank", {"domain": [ArvoDomain.FROM_TRIGGERING_EVENT, "bank"]}, {}, ["bank"]),
        (None, {"domain": [ArvoDomain.FROM_SELF_CONTRACT]}, {}, [None]),
        (None, {"domain": []}, {}, []),
        (None, {}, {"default_event_emission_domains": {"emits": ["bank"]}}, ["bank"]),
    ],
)
async def test_domains_are_those_of_handlers(
    event_domain: str | None, given: dict[str, Any], options: dict[str, Any], expected: list[str | None]
) -> None:
    events = await run(lambda: done(**given), request(domain=event_domain), **options)
    assert [event.domain for event in events] == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["bank", None, "shop"]),
        ({"system_error_domain": ["desk"]}, ["desk"]),
        ({"system_error_domain": ["desk"], "default_event_emission_domains": {"system_error": ["help"]}}, ["help"]),
    ],
)
async def test_domains_of_its_failures_are_those_of_handlers(
    options: dict[str, Any], expected: list[str | None]
) -> None:
    events = await run(fail, request(domain="bank"), **options)
    assert [event.domain for event in events] == expected
    assert {event.type for event in events} == {"sys.com.test.all.error"}


async def test_a_failure_tells_what_has_failed() -> None:
    event = request(accesscontrol="role:x", redirectto="com.some.where")
    result = await multi(fail).execute(event)
    (error,) = result.events
    assert isinstance(result.error, LookupError)
    assert (error.to, error.source, error.parentid) == ("com.test.app", "com.test.all", event.id)
    assert (error.accesscontrol, error.redirectto, error.executionunits) == ("role:x", None, 2)
    assert (error.data["errorName"], error.data["errorMessage"]) == ("LookupError", "no luck")


@pytest.mark.parametrize("function", [lambda: [done(), done()], fail], ids=["answers", "failure"])
async def test_a_repetition_has_the_same_ids(function: Any) -> None:
    event = request()
    first, second = await run(function, event), await run(function, event)
    assert [one.id for one in first] == [one.id for one in second]
    assert len({one.id for one in first}) == len(first)


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (5, "has returned 5"),
        ("done", "has returned 'done'"),
        ([None], "has returned None"),
        (Sum(total=1), "the model Sum"),
        ({"type": "evt.some.done"}, "without 'data'"),
        ({"typ": "evt.some.done", "data": {}}, "without 'type', but with 'typ'"),
    ],
)
async def test_what_is_no_event_is_told_with_its_function(returned: Any, told: str) -> None:
    (error,) = await run(lambda: returned)
    assert error.data["errorName"] == "InvalidEventError"
    assert told in error.data["errorMessage"]
    assert "test_multi_handler.py" in error.data["errorMessage"]


async def test_an_event_for_somebody_else_is_refused_by_its_destination() -> None:
    with pytest.raises(ConfigViolation, match=r"Expected 'com.test.all', received 'com.some.one'.*its field 'to'"):
        await multi(done).execute(request(to="com.some.one"))


@pytest.mark.parametrize(
    "source", ["", "com..all", ".all", "all.", "Com.All", "com.all\n", "com all", "arvo.orc.order", "٣.all"]
)
def test_a_source_that_nothing_can_be_sent_to_is_refused(source: str) -> None:
    with pytest.raises(ArvoError, match=r"Invalid source identifier .* in create_multi_arvo_event_handler"):
        create_multi_arvo_event_handler(source=source, executionunits=1, handler=done)


@given(st.text(alphabet="a1.A-\n٣", max_size=12) | st.text(max_size=12))
def test_a_source_that_is_taken_is_one_whose_failures_can_be_told(source: str) -> None:
    try:
        one = create_multi_arvo_event_handler(source=source, executionunits=1, handler=done)
    except ArvoError:
        return
    event = create_arvo_event(type=one.system_error_type, source=source, subject="a", to=source, data={})
    assert event.to == source


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"source": 5}, r"\(source=...\) is 5"),
        ({"executionunits": "1"}, r"\(executionunits=...\) is '1'"),
        ({"handler": {"1.0.0": done}}, r"\(handler=...\) of 'com.test.all' is a value of type dict.*router"),
    ],
)
def test_what_is_of_another_kind_is_refused_with_the_cure(wrong: dict[str, Any], told: str) -> None:
    given: dict[str, Any] = {"source": "com.test.all", "executionunits": 1, "handler": done, **wrong}
    with pytest.raises(ConfigViolation, match=told):
        create_multi_arvo_event_handler(**given)


def test_an_argument_that_is_not_on_offer_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Handler of 'com.test.all': parameter 'contract' is unknown"):
        multi(lambda contract: None)


async def test_nothing_comes_of_nothing() -> None:
    assert await multi(lambda: None).execute(request()) == ExecutionResult()
