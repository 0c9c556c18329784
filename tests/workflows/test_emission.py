"""Produced events leave at least once, and what becomes of them comes back: an answer, or why there is none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapter.policies import EmissionMode
from arvo import ArvoEvent, HandlerOutput, create_arvo_event_factory, create_arvo_event_handler
from arvo_temporal import EmissionPolicy
from tests.apps import TWICE, ask, oracle_contract
from tests.conftest import Serve
from tests.resumables import Kind, as_machine_and_function, asker_app, output_of

in_each_mode = pytest.mark.parametrize("mode", ["activity", "local"])


def twice(mode: EmissionMode) -> EmissionPolicy:
    return EmissionPolicy(timeout=timedelta(seconds=5), retry=TWICE, mode=mode)


async def answer_of(serve: Serve, app_args: dict[str, Any], init: ArvoEvent, kind: Kind = "machine") -> str:
    async with serve(asker_app(kind=kind, **app_args)) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
    text: str = output_of(record)["text"]
    return text


@as_machine_and_function
@in_each_mode
async def test_the_answer_of_a_handler_comes_back(serve: Serve, mode: EmissionMode, kind: Kind) -> None:
    def oracle(event: ArvoEvent) -> HandlerOutput:
        return {"type": "evt.oracle.ask.success", "data": {"text": f"{event.data['text']}? Yes"}}

    handler = create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": oracle})
    assert await answer_of(serve, {"handlers": [handler], "policy": twice(mode)}, ask("Rain"), kind) == "Rain? Yes"


@in_each_mode
async def test_a_handler_that_raises_is_reported_at_once(serve: Serve, mode: EmissionMode) -> None:
    calls = []

    def oracle(event: ArvoEvent) -> None:
        calls.append(event.id)
        raise LookupError("no vision")

    handler = create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": oracle})
    assert (
        await answer_of(serve, {"handlers": [handler], "policy": twice(mode)}, ask("Rain")) == "LookupError: no vision"
    )
    assert len(calls) == 1


@as_machine_and_function
@in_each_mode
async def test_a_handler_that_violates_its_contract_is_tried_again_and_then_reported(
    serve: Serve, mode: EmissionMode, kind: Kind
) -> None:
    calls = []

    def oracle(event: ArvoEvent) -> HandlerOutput:
        calls.append(event.id)
        return {"type": "evt.oracle.ask.success", "data": {"text": 7}}

    handler = create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": oracle})
    answer = await answer_of(serve, {"handlers": [handler], "policy": twice(mode)}, ask("Rain"), kind)
    assert answer.startswith("ContractViolation")
    assert len(calls) == 2
    assert len(set(calls)) == 1


async def test_a_domain_goes_to_its_publisher_and_the_answer_may_come_from_outside(serve: Serve) -> None:
    asked: list[ArvoEvent] = []

    async def delphi(event: ArvoEvent) -> None:
        asked.append(event)

    init = ask("Rain", domain="delphi")
    async with serve(asker_app(publishers={"delphi": delphi})) as client:
        await client.execute(init)
        reply = create_arvo_event_factory(oracle_contract.version("1.0.0")).emits(
            type="evt.oracle.ask.success",
            source="com.oracle.ask",
            subject=init.subject,
            to="arvo.orc.asker",
            data={"text": "No"},
        )
        await client.deliver(reply)
        record = await client.result(init.subject)
    assert [event.type for event in asked] == ["com.oracle.ask"]
    assert output_of(record)["text"] == "No"


@in_each_mode
async def test_a_publisher_that_fails_is_tried_again_and_then_reported(serve: Serve, mode: EmissionMode) -> None:
    calls = []

    async def delphi(event: ArvoEvent) -> None:
        calls.append(event.id)
        raise ConnectionError("the road is closed")

    answer = await answer_of(
        serve, {"publishers": {"delphi": delphi}, "policy": twice(mode)}, ask("Rain", domain="delphi")
    )
    assert answer == "ConnectionError: the road is closed"
    assert len(calls) == 2
    assert len(set(calls)) == 1


@as_machine_and_function
async def test_an_event_that_nobody_takes_is_reported(serve: Serve, kind: Kind) -> None:
    answer = await answer_of(serve, {}, ask("Rain"), kind)
    assert answer.startswith("NoRoute: Nobody takes 'com.oracle.ask'")
