"""The app that is loaded here: an orchestration that counts events until it reaches its goal."""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    assign,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp


class Goal(BaseModel):
    goal: int


class Tick(BaseModel):
    """Adds to a count, after so many rounds of work that mean nothing."""

    by: int
    work: int = 0


class Total(BaseModel):
    total: int


COUNT = create_arvo_orchestrator_contract(
    uri="#/benchmark/scale/count", name="count", versions={"1.0.0": {"init": Goal, "complete": Total}}
)
CLOCK = create_arvo_contract(
    uri="#/benchmark/scale/clock",
    type="com.clock.start",
    versions={"1.0.0": {"accepts": Goal, "emits": {"evt.clock.tick": Tick}}},
)


def _add(context: dict[str, Any], event: ArvoEvent) -> dict[str, Any]:
    digest = b""
    for _ in range(event.data["work"]):
        digest = hashlib.sha256(digest).digest()
    return {"total": context["total"] + event.data["by"]}


count_machine = setup_arvo_machine(
    contracts={"self": COUNT.version("1.0.0"), "services": {"clock": CLOCK.version("1.0.0")}}
).create_machine(
    {
        "id": "count",
        "context": lambda input: {"goal": input.data["goal"], "total": 0},
        "initial": "counting",
        "states": {
            "counting": {
                "on": {"evt.clock.tick": {"actions": assign(_add)}},
                "always": {"guard": lambda context: context["total"] >= context["goal"], "target": "done"},
            },
            "done": {"type": "final"},
        },
        "output": lambda context: {"total": context["total"]},
    }
)

app = ArvoApp(orchestrators=[create_arvo_orchestrator(executionunits=1, machines=[count_machine])])

_INIT = create_arvo_orchestrator_event_factory(COUNT.version("1.0.0"))
_TICK = create_arvo_event_factory(CLOCK.version("1.0.0"))


def start_count(goal: int) -> ArvoEvent:
    """Return the init event of a new count."""
    return _INIT.init(source="com.benchmark.client", data={"parentSubject$$": None, "goal": goal})


def tick(subject: str, work: int = 0) -> ArvoEvent:
    """Return an event that adds one to a count, after so many rounds of work."""
    data = {"by": 1, "work": work}
    return _TICK.emits(type="evt.clock.tick", source="com.clock.start", subject=subject, to=COUNT.type, data=data)
