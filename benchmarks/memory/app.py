"""What is watched: orchestrations that tick by a delayed transition, and beside them a workflow written by hand."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from temporalio import workflow

from arvo import (
    ArvoEvent,
    ArvoOrchestrator,
    assign,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp


class Pace(BaseModel):
    """How long it waits for each tick, and after how many it is over; 0 for never."""

    milliseconds: int
    ticks: int = 0


class Ticks(BaseModel):
    """How often it has ticked."""

    ticks: int


TICKER = create_arvo_orchestrator_contract(
    uri="#/benchmark/memory/ticker", name="ticker", versions={"1.0.0": {"init": Pace, "complete": Ticks}}
)


def _tick(context: dict[str, Any]) -> dict[str, Any]:
    return {"ticks": context["ticks"] + 1}


ticker_machine = setup_arvo_machine(
    contracts={"self": TICKER.version("1.0.0"), "services": {}},
    delays={"pace": lambda context: context["pace"]},
    guards={"is_over": lambda context: context["ticks"] == context["goal"]},
).create_machine(
    {
        "id": "ticker",
        "context": lambda input: {"pace": input.data["milliseconds"], "goal": input.data["ticks"] or -1, "ticks": 0},
        "initial": "ticking",
        "states": {
            "ticking": {
                "after": {"pace": {"target": "ticking", "reenter": True, "actions": assign(_tick)}},
                "always": {"guard": "is_over", "target": "over"},
            },
            "over": {"type": "final"},
        },
        "output": lambda context: {"ticks": context["ticks"]},
    }
)


def create_ticker() -> ArvoOrchestrator:
    """Return the orchestrator that ticks."""
    return create_arvo_orchestrator(executionunits=0, machines=[ticker_machine])


@workflow.defn
class TickerByHand:
    """Ticks without end, and continues as new when Temporal suggests it."""

    @workflow.run
    async def run(self, milliseconds: int) -> None:
        """Tick."""
        while not workflow.info().is_continue_as_new_suggested():
            await workflow.sleep(milliseconds / 1000)
        workflow.continue_as_new(milliseconds)


app = ArvoApp(orchestrators=[create_ticker()], workflows=[TickerByHand])


def start_ticking(milliseconds: int, ticks: int = 0) -> ArvoEvent:
    """Return the init event of an orchestration that waits so long for each tick, and is over after so many."""
    return create_arvo_orchestrator_event_factory(TICKER.version("1.0.0")).init(
        source="com.benchmark.client", data={"parentSubject$$": None, "milliseconds": milliseconds, "ticks": ticks}
    )
