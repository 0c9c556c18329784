"""The orchestrations of `tests.apps` once more, as functions: what holds of machines is to hold of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pytest

from arvo import ArvoEvent, ArvoOrchestrator, ArvoResumable, ResumableOutput, create_arvo_orchestrator
from arvo import create_arvo_resumable as create
from arvo.orchestration import ResumableFunction
from arvo_temporal import ArvoApp, ChildPolicy, EmissionPolicy, Limits
from tests import apps
from tests.apps import (
    TWICE,
    asker_contract,
    asker_machine,
    counter_contract,
    counter_machine,
    oracle_contract,
    supervisor_contract,
    supervisor_machine,
    tally_contract,
)

Kind = Literal["machine", "step", "local", "inline"]
"""What an orchestration is made of: a machine, or a function that runs in one of three places."""

KINDS: tuple[Kind, ...] = ("machine", "step", "inline")

in_each_kind = pytest.mark.parametrize("kind", KINDS)
as_machine_and_function = pytest.mark.parametrize("kind", KINDS[:2])
"""For what takes longer: `step` is where most can go wrong, as a call is under way while other things happen."""

in_the_workflow = pytest.mark.parametrize("kind", ["machine", "inline"])
"""For what is about steps that the workflow makes itself."""

in_each_nesting = pytest.mark.parametrize(
    ("kind", "child"), [("machine", "machine"), ("machine", "step"), ("step", "machine"), ("step", "step")]
)


def count(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
    """Count events from outside until the goal is reached."""
    if input is not None:
        context = {"goal": input.data["goal"], "total": 0, "seen": []}
    elif service is not None and service.type == "evt.tally.counted":
        by = service.data["by"]
        if by < 0:
            raise ArithmeticError("the count is broken")
        context = {**context, "total": context["total"] + by, "seen": [*context["seen"], by]}
    if context["total"] >= context["goal"]:
        return {"context": context, "output": {"total": context["total"], "seen": context["seen"]}}
    return {"context": context}


def ask(input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
    """Ask one question, and complete with the answer or with what has gone wrong."""
    if input is not None:
        domain, text = input.data["domain"], input.data["text"]
        return {"services": [{"type": "com.oracle.ask", "domain": [domain], "data": {"domain": domain, "text": text}}]}
    assert service is not None
    return {"output": {"text": _told(service)}}


def supervise(input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput | None:
    """Wait for a nested count."""
    if input is not None:
        data = {"parentSubject$$": input.subject, "goal": input.data["goal"]}
        return {"context": {"goal": input.data["goal"]}, "services": [{"type": "arvo.orc.counter", "data": data}]}
    assert service is not None
    if service.type not in ("arvo.orc.counter.done", "sys.arvo.orc.counter.error"):
        return None
    total = service.data.get("total")
    return {"output": {"text": _told(service) if total is None else f"total {total}"}}


def _told(service: ArvoEvent) -> str:
    data = service.data
    return str(data["text"]) if "text" in data else f"{data['errorName']}: {data['errorMessage']}"


counter_resumable = create(
    contracts={"self": counter_contract, "services": {"tally": tally_contract.version("1.0.0")}},
    handler={"1.0.0": count},
)
asker_resumable = create(
    contracts={"self": asker_contract, "services": {"oracle": oracle_contract.version("1.0.0")}}, handler={"1.0.0": ask}
)
supervisor_resumable = create(
    contracts={
        "self": supervisor_contract,
        "services": {"counter": counter_contract.version("1.0.0"), "tally": tally_contract.version("1.0.0")},
    },
    handler={"1.0.0": supervise},
)

_TWINS = {
    "arvo.orc.counter": (counter_machine, counter_resumable),
    "arvo.orc.asker": (asker_machine, asker_resumable),
    "arvo.orc.supervisor": (supervisor_machine, supervisor_resumable),
}


def orchestrator_of(type_: str, kind: Kind) -> ArvoOrchestrator | ArvoResumable:
    """Return the orchestrator of a type, made of a machine or of a function."""
    machine, resumable = _TWINS[type_]
    return create_arvo_orchestrator(executionunits=1, machines=[machine]) if kind == "machine" else resumable


def policies_of(type_: str, kind: Kind) -> dict[str | None, EmissionPolicy]:
    """Return the policies of an app that say where the function of a type runs."""
    return {} if kind == "machine" else {type_: EmissionPolicy(mode=kind)}


def context_of(record: Any) -> Any:
    """Return the context in a record, whatever made it."""
    return record["state$$"] if "state$$" in record else record["state"]["context"]


def output_of(record: Any) -> Any:
    """Return the output in a record, whatever made it."""
    return record["events"]["produced"][0]["data"] if "state$$" in record else record["state"]["output"]


def counter_app(limits: Limits | None = None, *, kind: Kind = "machine") -> ArvoApp:
    """Return an app whose orchestration counts events from outside until it reaches its goal."""
    return app_of({"arvo.orc.counter": kind}, limits=limits)


def supervisor_app(
    limits: Limits | None = None,
    children: ChildPolicy | None = None,
    counter_queue: str | None = None,
    *,
    kind: Kind = "machine",
    child: Kind | None = None,
) -> ArvoApp:
    """Return an app whose orchestration waits for a nested count, which may be on another task queue.

    Args:
        limits: The limits of the app.
        children: What becomes of children.
        counter_queue: The task queue of the count; None if the app serves it.
        kind: What the supervision is made of.
        child: What the count is made of; unset, of the same.
    """
    kinds: dict[str, Kind] = {"arvo.orc.supervisor": kind}
    if counter_queue is None:
        kinds["arvo.orc.counter"] = child or kind
    task_queues = {"arvo.orc.counter": counter_queue} if counter_queue else None
    return app_of(kinds, limits=limits, children=children, task_queues=task_queues)


def asker_app(*, kind: Kind = "machine", **options: Any) -> ArvoApp:
    """Return an app whose orchestration asks one question; see `tests.apps.asker_app`."""
    app = apps.asker_app(**options)
    app.orchestrators["arvo.orc.asker"] = orchestrator_of("arvo.orc.asker", kind)
    app.policies.update(policies_of("arvo.orc.asker", kind))
    return app


def app_of(
    kinds: Mapping[str, Kind], *, policies: Mapping[str, EmissionPolicy] | None = None, **options: Any
) -> ArvoApp:
    """Return an app of the orchestrations of these types, each made of a machine or of a function."""
    where: dict[str | None, EmissionPolicy] = {}
    for type_, kind in kinds.items():
        where.update(policies_of(type_, kind))
    where.update(policies or {})
    return ArvoApp(
        orchestrators=[orchestrator_of(type_, kind) for type_, kind in kinds.items()],
        policies=where,
        **options,
    )


def function_app(function: ResumableFunction, policy: EmissionPolicy | None = None, **options: Any) -> ArvoApp:
    """Return an app whose count is made by a function of its own.

    Args:
        function: The function of version 1.0.0.
        policy: Where and how it is called; unset, as an activity that is tried twice.
        options: Further options of the app.
    """
    resumable = create(
        contracts={"self": counter_contract, "services": {"tally": tally_contract.version("1.0.0")}},
        handler={"1.0.0": function},
    )
    policy = policy or EmissionPolicy(retry=TWICE)
    return ArvoApp(orchestrators=[resumable], policies={"arvo.orc.counter": policy}, **options)


app = app_of({"arvo.orc.counter": "step"}, policies={"arvo.orc.counter": EmissionPolicy(timeout="5 seconds")})
"""For workers that are killed: a call that was under way is made again soon."""
