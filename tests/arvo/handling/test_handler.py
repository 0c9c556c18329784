"""Handlers: functions behind a contract, called with what they name, answering with events."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import (
    ArvoEvent,
    ConfigViolation,
    ContractViolation,
    ExecutionViolation,
    HandlerOutput,
    create_arvo_event,
    create_arvo_event_factory,
    create_arvo_event_handler,
)
from tests.arvo.counting import add_contract, add_handler


def request(**fields: Any) -> ArvoEvent:
    factory = create_arvo_event_factory(add_contract.version("1.0.0"))
    return factory.accepts(source="com.test.app", data={"left": 1, "right": 2}, **fields)


async def run(function: Any, event: ArvoEvent | None = None, **options: Any) -> list[ArvoEvent]:
    handler = create_arvo_event_handler(contract=add_contract, executionunits=2, handler={"1.0.0": function}, **options)
    return (await handler.execute(event or request())).events


def result(**fields: Any) -> dict[str, Any]:
    return {"type": "evt.number.add.success", "data": {"sum": 3}, **fields}


async def test_the_answer_goes_back_to_who_asked() -> None:
    event = request(accesscontrol="role:x")
    (answer,) = (await add_handler().execute(event)).events
    assert answer.data == {"sum": 3}
    assert (answer.source, answer.to, answer.parentid) == ("com.number.add", "com.test.app", event.id)
    assert (answer.subject, answer.accesscontrol, answer.executionunits) == (event.subject, "role:x", 1)


async def test_redirectto_of_the_event_and_to_of_the_result_come_first() -> None:
    redirected = request(redirectto="com.some.where")
    assert [event.to for event in await run(lambda: result(), redirected)] == ["com.some.where"]
    assert [event.to for event in await run(lambda: result(to="com.else.where"), redirected)] == ["com.else.where"]


async def test_functions_are_sync_or_async_and_take_what_they_name() -> None:
    seen: dict[str, Any] = {}

    async def handle(domain: Any, source: str, event: ArvoEvent) -> list[HandlerOutput]:
        seen.update(domain=domain, source=source, event=event)
        return [{"type": "evt.number.add.success", "data": {"sum": 1}}] * 2

    event = request(domain="shop")
    assert len(await run(handle, event)) == 2
    assert seen == {"domain": {"self": None, "event": "shop"}, "source": "com.number.add", "event": event}
    assert await run(lambda: None) == []


def test_a_function_that_asks_for_something_unknown_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match=r"#/test/add/1\.0\.0: parameter 'evnt' is unknown"):
        create_arvo_event_handler(contract=add_contract, executionunits=1, handler={"1.0.0": lambda evnt: None})


def test_every_version_of_the_contract_needs_a_function() -> None:
    with pytest.raises(ValueError, match=r"version 1\.0\.0"):
        create_arvo_event_handler(contract=add_contract, executionunits=1, handler={})


async def test_a_repeated_execution_gives_the_same_ids() -> None:
    event = request()
    first, second = await run(lambda: result(), event), await run(lambda: result(), event)
    assert [answer.id for answer in first] == [answer.id for answer in second]


async def test_what_a_function_raises_is_reported_to_who_asked() -> None:
    def fail() -> None:
        raise KeyError("left")

    (error,) = await run(fail, request(redirectto="com.some.where"))
    assert (error.type, error.to) == ("sys.com.number.add.error", "com.test.app")
    assert error.data["errorName"] == "KeyError"
    assert error.executionunits == 2


async def test_failures_go_to_the_domain_of_the_event_and_to_the_local_one_unless_configured() -> None:
    def fail() -> None:
        raise ValueError

    event = request(domain="shop")
    assert [error.domain for error in await run(fail, event)] == ["shop", None]
    assert [error.domain for error in await run(fail, event, system_error_domain=["ops"])] == ["ops"]


async def test_a_violation_is_passed_on() -> None:
    def refuse() -> None:
        raise ExecutionViolation("not today")

    with pytest.raises(ExecutionViolation, match="not today"):
        await run(refuse)


@pytest.mark.parametrize("bad", [{"data": {"sum": "x"}}, {"type": "evt.un.known"}, {"domain": ["No Domain"]}])
async def test_a_result_that_does_not_fit_is_a_contract_violation(bad: dict[str, Any]) -> None:
    with pytest.raises(ContractViolation, match=r"#/test/add/1\.0\.0"):
        await run(lambda: [result(), result(**bad)])


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"type": "com.other.type"}, ConfigViolation),
        ({"dataschema": "#/other/1.0.0"}, ContractViolation),
        ({"dataschema": "#/test/add/9.0.0"}, ConfigViolation),
        ({"data": {"left": 1}}, ContractViolation),
    ],
)
async def test_an_event_that_does_not_fit_is_a_violation(fields: dict[str, Any], kind: type[Exception]) -> None:
    event = create_arvo_event(
        **{
            "type": "com.number.add",
            "source": "com.a.b",
            "subject": "s",
            "data": {"left": 1, "right": 2},
            **fields,
        }
    )
    with pytest.raises(kind):
        await add_handler().execute(event)


async def test_a_result_says_when_it_was_produced() -> None:
    at = "2025-07-01T10:20:30.000+02:00"
    assert [event.time for event in await run(lambda: result(time=at))] == [at]
    with pytest.raises(ContractViolation, match="time: must be a time with an offset"):
        await run(lambda: result(time="yesterday"))
