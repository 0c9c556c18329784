"""Whatever a machine or a function throws fails its orchestration, with a message that Temporal can carry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from adapter.endings import Ending
from arvo import (
    ArvoEvent,
    ArvoOrchestrator,
    ArvoResumable,
    create_arvo_orchestrator,
    create_arvo_resumable,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, Limits, OrchestrationFailedError, workflow_id
from tests.apps import counted, counter_contract, start_count, supervise, tally_contract
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import Kind, in_each_kind, orchestrator_of, policies_of

LONG = 1_000_000


class Unspeakable(Exception):
    """One that cannot even say what it is."""

    def __str__(self) -> str:
        raise RecursionError("no words")


def quoting(event: ArvoEvent) -> None:
    raise ValueError(f"cannot count {event.to_json_text()}")


def quoting_in_every_cause(event: ArvoEvent) -> None:
    error: Exception = KeyError("first")
    for _ in range(30):
        try:
            raise ValueError("\x01" * 100_000) from error
        except ValueError as raised:
            error = raised
    raise error


def unspeakable(event: ArvoEvent) -> None:
    raise Unspeakable


def failing_with_details(event: ArvoEvent) -> None:
    raise ApplicationError("with details", "x" * 3_000_000)


THROWS = [quoting, quoting_in_every_cause, unspeakable, failing_with_details]


def throwing_app(
    throw: Callable[[ArvoEvent], None], limits: Limits | None = None, *, kind: Kind = "machine"
) -> ArvoApp:
    """Return an app whose counter throws at the first event that it is to count, and whose supervision is a machine."""
    return ArvoApp(
        orchestrators=[
            throwing_machine(throw) if kind == "machine" else throwing_function(throw),
            orchestrator_of("arvo.orc.supervisor", "machine"),
        ],
        policies=policies_of("arvo.orc.counter", kind),
        limits=limits,
    )


def throwing_function(throw: Callable[[ArvoEvent], None]) -> ArvoResumable:
    def count(service: ArvoEvent | None) -> None:
        if service is not None:
            throw(service)

    return create_arvo_resumable(
        contracts={"self": counter_contract, "services": {"tally": tally_contract.version("1.0.0")}},
        handler={"1.0.0": count},
    )


def throwing_machine(throw: Callable[[ArvoEvent], None]) -> ArvoOrchestrator:
    machine = setup_arvo_machine(
        contracts={"self": counter_contract.version("1.0.0"), "services": {"tally": tally_contract.version("1.0.0")}},
        actions={"throw": lambda event: throw(event)},
    ).create_machine(
        {
            "id": "counter",
            "initial": "counting",
            "states": {"counting": {"on": {"evt.tally.counted": {"actions": "throw"}}}},
        }
    )
    return create_arvo_orchestrator(executionunits=1, machines=[machine])


@pytest.mark.parametrize("throw", THROWS)
@in_each_kind
async def test_a_machine_that_throws_fails_with_a_bounded_message(serve: Serve, throw: Any, kind: Kind) -> None:
    init = start_count(goal=1)
    event = counted(init.subject)
    async with serve(throwing_app(throw, kind=kind)) as client:
        await client.execute(init)
        await client.deliver(replace(event, data={**event.data, "padding": "x" * LONG}))
        with pytest.raises(OrchestrationFailedError) as failed:
            await client.result(init.subject)
        with pytest.raises(WorkflowFailureError) as failure:
            await client.client.get_workflow_handle(workflow_id(init.subject)).result()
    assert len(str(failed.value)) < 20_000
    assert failed.value.record is not None
    assert failed.value.record["executionStatus"] == "failure"
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.__cause__ is not None


@in_each_kind
async def test_a_failure_whose_record_is_over_the_limit_is_a_failure_all_the_same(serve: Serve, kind: Kind) -> None:
    init = start_count(goal=1)
    async with serve(throwing_app(quoting, Limits(record_bytes=9_000), kind=kind)) as client:
        await client.execute(init)
        await client.deliver(counted(init.subject, extensions={"padding": "x" * 6_000}))
        with pytest.raises(OrchestrationFailedError, match="cannot count"):
            await client.result(init.subject)


@in_each_kind
async def test_the_parent_of_one_that_throws_a_long_message_hears_of_it(serve: Serve, kind: Kind) -> None:
    init = supervise(goal=1)
    async with serve(throwing_app(quoting, kind=kind)) as client:
        (child,) = (await client.execute(init)).events
        event = counted(child.subject)
        padded = replace(event, data={**event.data, "padding": "x" * LONG})
        await eventually(lambda: client.deliver(padded), lambda delivered: delivered.accepted)
        record = await client.result(init.subject)
    text = record["state"]["output"]["text"]
    assert text.startswith("ValueError: cannot count")
    assert len(text) < 20_000


def test_what_a_failure_cannot_carry_is_reported_by_its_message() -> None:
    orchestrator = throwing_app(quoting).orchestrators["arvo.orc.counter"]
    parent = supervise(goal=1).subject
    init = start_count(goal=1, parent=parent)
    step = orchestrator.step(counted(init.subject), orchestrator.step(init, None).record)
    (event,) = step.events
    for size, kept in ((0, True), (LONG, True), (2 * LONG, False)):
        large = replace(event, extensions={"padding": "x" * (size // 2)})
        ending = Ending.of_step(step._replace(events=(large, large)), step.record)
        with pytest.raises(ApplicationError) as failure:
            ending.to_result(nested=True)
        read = Ending.of_failure(failure.value, "child")
        assert bool(read.events) is kept
        assert read.cause is not None
        assert read.cause.message.startswith("ValueError: cannot count")
