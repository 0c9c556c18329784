"""The counter of `tests.apps` with something changed, as the next deployment would have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from arvo import (
    assign,
    create_arvo_contract,
    create_arvo_orchestrator,
    create_arvo_resumable,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, Limits
from tests.apps import Goal, Step, counter_contract
from tests.resumables import Kind, count, policies_of


class Share(BaseModel):
    """What to add, fractions too."""

    by: float


def changed_counter(
    *,
    step: type[BaseModel] = Step,
    states: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    kind: Kind = "machine",
    **options: Any,
) -> ArvoApp:
    """Return an app with a counter that differs from the one of `tests.apps`.

    Args:
        step: Payload of the events that are counted.
        states: States that differ, by name.
        limits: Bounds of the app.
        kind: What it is made of; a function has no states, and counts as that of `tests.resumables` does.
        **options: What `ArvoApp` takes besides.
    """
    tally = create_arvo_contract(
        uri="#/test/tally",
        type="com.tally.ask",
        versions={"1.0.0": {"accepts": Goal, "emits": {"evt.tally.counted": step, "evt.tally.failed": Step}}},
    )
    if kind != "machine":
        counter = create_arvo_resumable(
            contracts={"self": counter_contract, "services": {"tally": tally.version("1.0.0")}},
            handler={"1.0.0": count},
        )
        policies = policies_of("arvo.orc.counter", kind)
        return ArvoApp(orchestrators=[counter], policies=policies, limits=limits, **options)
    machine = setup_arvo_machine(
        contracts={"self": counter_contract.version("1.0.0"), "services": {"tally": tally.version("1.0.0")}},
        actions={
            "count": assign(
                lambda context, event: {
                    "total": context["total"] + event.data["by"],
                    "seen": [*context["seen"], event.data["by"]],
                }
            ),
            "throw": lambda: None,
        },
        guards={
            "is_over": lambda context: context["total"] >= context["goal"],
            "is_negative": lambda event: event.data["by"] < 0,
        },
    ).create_machine(
        {
            "id": "counter",
            "context": _context,
            "initial": "counting",
            "states": {
                "counting": {
                    "on": {
                        "evt.tally.counted": [{"guard": "is_negative", "actions": "throw"}, {"actions": "count"}],
                    },
                    "always": {"guard": "is_over", "target": "over"},
                },
                "over": {"type": "final"},
                **(states or {}),
            },
            "output": lambda context: {"total": int(context["total"]), "seen": [int(by) for by in context["seen"]]},
        }
    )
    return ArvoApp(
        orchestrators=[create_arvo_orchestrator(executionunits=1, machines=[machine])], limits=limits, **options
    )


def _context(input: Any) -> dict[str, Any]:
    return {"goal": input.data["goal"], "total": 0, "seen": []}
