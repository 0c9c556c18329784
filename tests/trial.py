"""An app whose orchestration meets, one after the other, everything that can come of what it asks for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from temporalio import activity
from temporalio.common import RetryPolicy

from arvo import (
    ArvoEvent,
    ArvoEventHandler,
    create_arvo_event_factory,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo.orchestration import ArvoMachine
from arvo_temporal import ArvoApp, ArvoClient, EmissionPolicy, Limits


class Nothing(BaseModel):
    """Nothing to say."""


class Done(BaseModel):
    """That it is over."""

    over: bool


class Leaf(BaseModel):
    """Whether a nested orchestration throws."""

    throws: bool


ANSWERED, SLOW, NOBODYS, FLAKY, BROKEN = (
    create_simple_arvo_contract(
        uri=f"#/test/trial/{name}", type=f"trial.{name}", versions={"1.0.0": {"accepts": Nothing, "emits": Nothing}}
    )
    for name in ("answered", "slow", "nobodys", "flaky", "broken")
)
TRIAL = create_arvo_orchestrator_contract(
    uri="#/test/trial", name="trial", versions={"1.0.0": {"init": Nothing, "complete": Done}}
)
LEAF = create_arvo_orchestrator_contract(
    uri="#/test/trial/leaf", name="leaf", versions={"1.0.0": {"init": Leaf, "complete": Done}}
)
SERVICES = {
    "answered": (ANSWERED, None),
    "slow": (SLOW, None),
    "nobodys": (NOBODYS, "nowhere"),
    "flaky": (FLAKY, "flaky"),
    "broken": (BROKEN, "broken"),
}
_TWICE = EmissionPolicy(
    timeout=timedelta(milliseconds=300),
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=2),
)


def _asking(name: str, then: str) -> dict[str, Any]:
    contract, domain = SERVICES[name]
    emission = {"type": contract.type, "data": {}, **({"domain": [domain]} if domain else {})}
    return {
        "entry": emit(emission),
        "on": {f"evt.trial.{name}.success": then, f"sys.{contract.type}.error": then},
    }


def _nesting(then: str, *, throws: bool) -> dict[str, Any]:
    return {
        "entry": emit(
            lambda context: {"type": LEAF.type, "data": {"parentSubject$$": context["subject"], "throws": throws}}
        ),
        "on": {f"{LEAF.type}.done": then, f"sys.{LEAF.type}.error": then},
    }


def _trial_machine() -> ArvoMachine:
    return setup_arvo_machine(
        contracts={
            "self": TRIAL.version("1.0.0"),
            "services": {
                "leaf": LEAF.version("1.0.0"),
                **{name: contract.version("1.0.0") for name, (contract, _) in SERVICES.items()},
            },
        },
    ).create_machine(
        {
            "id": "trial",
            "context": lambda input: {"subject": input.subject},
            "initial": "pausing",
            "states": {
                "pausing": {"after": {20: "answered"}},
                "answered": _asking("answered", "slow"),
                "slow": _asking("slow", "nobodys"),
                "nobodys": _asking("nobodys", "flaky"),
                "flaky": _asking("flaky", "broken"),
                "broken": _asking("broken", "resting"),
                "resting": {"after": {20: "leaf"}},
                "leaf": _nesting("withered", throws=False),
                "withered": _nesting("over", throws=True),
                "over": {"type": "final"},
            },
            "output": {"over": True},
        }
    )


def _throw() -> None:
    raise ArithmeticError("the leaf has withered")


_leaf_machine = setup_arvo_machine(
    contracts={"self": LEAF.version("1.0.0"), "services": {}},
    guards={"throws": lambda context: context["throws"]},
    actions={"throw": _throw},
).create_machine(
    {
        "id": "leaf",
        "context": lambda input: {"throws": input.data["throws"]},
        "initial": "growing",
        "states": {
            "growing": {"after": {10: [{"guard": "throws", "actions": "throw"}, {"target": "grown"}]}},
            "grown": {"type": "final"},
        },
        "output": {"over": True},
    }
)


async def _answer(event: ArvoEvent) -> dict[str, Any]:
    return {"type": "evt.trial.answered.success", "data": {}}


async def _sleep(event: ArvoEvent) -> None:
    await asyncio.sleep(60)


def _handler(contract: Any, function: Any) -> ArvoEventHandler:
    return create_arvo_event_handler(contract=contract, executionunits=0, handler={"1.0.0": function})


async def _answer_at_the_second_try(event: ArvoEvent) -> None:
    """Fail once, then let somebody answer who knows nothing of traces."""
    if activity.info().attempt == 1:
        raise ConnectionError("the broker is away")
    answer = create_arvo_event_factory(FLAKY.version("1.0.0")).answer(event, data={})
    client = ArvoClient(activity.client(), task_queue=activity.info().task_queue)
    await client.deliver(replace(answer, traceparent=None, tracestate=None))


def _refuse(event: ArvoEvent) -> None:
    raise ConnectionError("the broker refuses")


def trial_app() -> ArvoApp:
    """Return the app; its orchestrations continue as new at nearly every event."""
    machines = [_trial_machine(), _leaf_machine]
    return ArvoApp(
        orchestrators=[create_arvo_orchestrator(executionunits=0, machines=[machine]) for machine in machines],
        handlers=[_handler(ANSWERED, _answer), _handler(SLOW, _sleep)],
        publishers={"flaky": _answer_at_the_second_try, "broken": _refuse},
        policies={SLOW.type: _TWICE, "flaky": _TWICE, "broken": _TWICE},
        limits=Limits(deliveries_per_run=2),
    )


def start_trial() -> ArvoEvent:
    """Return the init event of a new one."""
    return create_arvo_orchestrator_event_factory(TRIAL.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None}
    )
