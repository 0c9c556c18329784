"""An app whose orchestration goes through stages, one for each event, and ends in one of two states."""

from __future__ import annotations

from arvo import ArvoEvent, SimpleMachineMemory, create_arvo_orchestrator, setup_arvo_machine
from arvo import create_arvo_orchestrator_event_factory as factory_of
from arvo_temporal import ArvoApp, Limits
from tests.apps import counter_contract, tally_contract

_NEXT = "evt.tally.counted"

stages_machine = setup_arvo_machine(
    contracts={"self": counter_contract.version("1.0.0"), "services": {"tally": tally_contract.version("1.0.0")}},
    guards={"is_positive": lambda event: event.data["by"] > 0},
).create_machine(
    {
        "id": "stages",
        "context": {},
        "initial": "first",
        "states": {
            "first": {
                "tags": "early",
                "on": {_NEXT: [{"guard": "is_positive", "target": "second"}, {"target": "dropped"}]},
            },
            "second": {
                "type": "parallel",
                "tags": "busy",
                "states": {
                    "left": {"initial": "one", "states": {"one": {"on": {_NEXT: "two"}}, "two": {"tags": "late"}}},
                    "right": {"initial": "only", "states": {"only": {}}},
                },
                "on": {"evt.tally.failed": "third"},
            },
            "third": {"on": {_NEXT: "kept"}},
            "kept": {"type": "final", "tags": "settled"},
            "dropped": {"type": "final", "tags": "settled"},
        },
        "output": lambda: {"total": 0, "seen": []},
    }
)


def stages_app(limits: Limits | None = None) -> ArvoApp:
    """Return an app of it."""
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[stages_machine])
    return ArvoApp(orchestrators=[orchestrator], limits=limits)


def begin() -> ArvoEvent:
    """Return the init event of a new one."""
    return factory_of(counter_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "goal": 1}
    )


def sleeper_app() -> ArvoApp:
    """Return an app whose orchestration sleeps for an hour, is awake for a day, and is done."""
    setup = setup_arvo_machine(contracts={"self": counter_contract.version("1.0.0"), "services": {}})
    machine = setup.create_machine(
        {
            "id": "sleeper",
            "context": {},
            "initial": "asleep",
            "states": {
                "asleep": {"after": {"1 hour": "awake"}},
                "awake": {"after": {"1 day": "over"}},
                "over": {"type": "final"},
            },
            "output": lambda: {"total": 0, "seen": []},
        }
    )
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[machine])
    return ArvoApp(orchestrators=[orchestrator])
