"""An app with all that is shown of an orchestration: regions, descriptions, tags, delays, a child, what fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from pydantic import BaseModel
from temporalio.common import RetryPolicy

from arvo import (
    ArvoEvent,
    HandlerOutput,
    create_arvo_event_factory,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, EmissionPolicy, Limits
from tests.apps import counter_contract, counter_machine, tally_contract

SECRET = 471147
"""Stands in the data of each event, and nowhere in what is shown."""
TITLE = "Brings a <parcel> to **its** door"
DAYS = 3


class Parcel(BaseModel):
    """What is to be brought."""

    weight: int


class Said(BaseModel):
    """An answer."""

    weight: int


parcel_contract = create_arvo_orchestrator_contract(
    uri="#/test/parcel", name="parcel", versions={"1.0.0": {"init": Parcel, "complete": Said}}
)
pay_contract = create_simple_arvo_contract(
    uri="#/test/pay", type="pay.charge", versions={"1.0.0": {"accepts": Parcel, "emits": Said}}
)
approve_contract = create_simple_arvo_contract(
    uri="#/test/approve", type="approve.ask", versions={"1.0.0": {"accepts": Parcel, "emits": Said}}
)
parcel_machine = setup_arvo_machine(
    contracts={
        "self": parcel_contract.version("1.0.0"),
        "services": {
            "pay": pay_contract.version("1.0.0"),
            "approve": approve_contract.version("1.0.0"),
            "counter": counter_contract.version("1.0.0"),
            "tally": tally_contract.version("1.0.0"),
        },
    },
).create_machine(
    {
        "id": "parcel",
        "description": f"{TITLE}.\nAnd more of it.",
        "context": lambda input: {"weight": input.data["weight"], "subject": input.subject},
        "initial": "checking",
        "after": {timedelta(hours=5): {"actions": []}},
        "states": {
            "checking": {
                "type": "parallel",
                "description": "Money, people and a count",
                "states": {
                    "payment": {
                        "initial": "charging",
                        "states": {
                            "charging": {
                                "entry": emit(
                                    lambda context: {"type": "com.pay.charge", "data": {"weight": context["weight"]}}
                                ),
                                "on": {"evt.pay.charge.success": "paid"},
                            },
                            "paid": {"type": "final"},
                        },
                    },
                    "approval": {
                        "initial": "approving",
                        "states": {
                            "approving": {
                                "description": "Somebody has to | agree `now`",
                                "tags": ["waits for a person"],
                                "entry": emit(
                                    lambda context: {
                                        "type": "com.approve.ask",
                                        "domain": ["people"],
                                        "data": {"weight": context["weight"]},
                                    }
                                ),
                                "on": {"evt.approve.ask.success": "approved"},
                                "after": {timedelta(days=DAYS): "approved"},
                            },
                            "approved": {"type": "final"},
                        },
                    },
                    "count": {
                        "initial": "counting",
                        "states": {
                            "counting": {
                                "entry": emit(
                                    lambda context: {
                                        "type": "arvo.orc.counter",
                                        "data": {"parentSubject$$": context["subject"], "goal": 1},
                                    }
                                ),
                                "on": {"arvo.orc.counter.done": "counted"},
                            },
                            "counted": {"type": "final"},
                        },
                    },
                },
                "onDone": "over",
            },
            "over": {"type": "final"},
        },
        "output": lambda context: {"weight": context["weight"]},
    }
)

Charge = Callable[[], Awaitable[None]]


def parcel_app(charge: Charge, *, tries: int = 0, limits: Limits | None = None) -> ArvoApp:
    """Return the app.

    Args:
        charge: What the handler of payments does before it answers; it is tried again if it raises.
        tries: After how many it is given up; 0 for never.
        limits: The limits of the app.
    """

    async def handle(event: ArvoEvent) -> HandlerOutput:
        await charge()
        return {"type": "evt.pay.charge.success", "data": {"weight": SECRET}}

    handler = create_arvo_event_handler(contract=pay_contract, executionunits=0, handler={"1.0.0": handle})
    retry = RetryPolicy(initial_interval=timedelta(milliseconds=10), backoff_coefficient=1.0, maximum_attempts=tries)
    return ArvoApp(
        orchestrators=[
            create_arvo_orchestrator(executionunits=0, machines=[machine])
            for machine in (parcel_machine, counter_machine)
        ],
        handlers=[handler],
        publishers={"people": lambda event: None},
        policies={"com.pay.charge": EmissionPolicy(retry_on=ConnectionError, retry=retry)},
        limits=limits,
    )


def parcel(key: str) -> ArvoEvent:
    """Return the init event of a parcel."""
    return create_arvo_orchestrator_event_factory(parcel_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "weight": SECRET}, execution_id=key
    )


def approved(subject: str) -> ArvoEvent:
    """Return the answer of somebody who agrees."""
    return create_arvo_event_factory(approve_contract.version("1.0.0")).emits(
        type="evt.approve.ask.success",
        source="com.approve.ask",
        subject=subject,
        to="arvo.orc.parcel",
        data={"weight": SECRET},
    )


async def never() -> None:
    """Raise what is tried again."""
    raise ConnectionError("the bank is\n[red]down[/red] \u202e")


async def at_once() -> None:
    """Let the payment be made."""


async def broken() -> None:
    """Raise what is not tried again."""
    raise ArithmeticError(f"no bank takes {SECRET}")
