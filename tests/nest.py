"""An app whose orchestrations start each other within themselves, without end."""

from __future__ import annotations

from pydantic import BaseModel

from arvo import (
    ArvoContract,
    ArvoEvent,
    SimpleMachineMemory,
    assign,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    emit,
    setup_arvo_machine,
)
from arvo.orchestration import ArvoMachine
from arvo_temporal import ArvoApp, Limits


class Nothing(BaseModel):
    """Nothing to say."""


class Depth(BaseModel):
    """How many are nested within, and how that ended."""

    depth: int
    end: str


ping_contract, pong_contract = (
    create_arvo_orchestrator_contract(
        uri=f"#/test/{name}", name=name, versions={"1.0.0": {"init": Nothing, "complete": Depth}}
    )
    for name in ("ping", "pong")
)


def _machine(name: str, own: ArvoContract, other: str, others: ArvoContract) -> ArvoMachine:
    return setup_arvo_machine(
        contracts={"self": own.version("1.0.0"), "services": {other: others.version("1.0.0")}},
    ).create_machine(
        {
            "id": name,
            "context": lambda input: {"subject": input.subject, "depth": 0, "end": ""},
            "initial": "waiting",
            "states": {
                "waiting": {
                    "entry": emit(
                        lambda context: {
                            "type": f"arvo.orc.{other}",
                            "data": {"parentSubject$$": context["subject"]},
                        }
                    ),
                    "on": {
                        f"arvo.orc.{other}.done": {
                            "target": "over",
                            "actions": assign(
                                lambda event: {"depth": event.data["depth"] + 1, "end": event.data["end"]}
                            ),
                        },
                        f"sys.arvo.orc.{other}.error": {
                            "target": "over",
                            "actions": assign(lambda event: {"end": event.data["errorName"]}),
                        },
                    },
                },
                "over": {"type": "final"},
            },
            "output": lambda context: {"depth": context["depth"], "end": context["end"]},
        }
    )


def nest_app(limits: Limits) -> ArvoApp:
    """Return the app."""
    machines = [
        _machine("ping", ping_contract, "pong", pong_contract),
        _machine("pong", pong_contract, "ping", ping_contract),
    ]
    return ArvoApp(
        orchestrators=[
            create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[machine])
            for machine in machines
        ],
        limits=limits,
    )


def start_nest() -> ArvoEvent:
    """Return the init event of a first one."""
    return create_arvo_orchestrator_event_factory(ping_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None}
    )
