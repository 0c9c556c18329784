"""An app whose orchestrations start each other within themselves, without end."""

from __future__ import annotations

from pydantic import BaseModel

from arvo import (
    ArvoContract,
    ArvoEvent,
    ArvoResumable,
    ResumableOutput,
    assign,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    emit,
    setup_arvo_machine,
)
from arvo.orchestration import ArvoMachine
from arvo_temporal import ArvoApp, Limits
from tests.resumables import Kind, policies_of


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


def _function(own: ArvoContract, other: str, others: ArvoContract) -> ArvoResumable:
    def run(input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
        if input is not None:
            return {"services": [{"type": f"arvo.orc.{other}", "data": {"parentSubject$$": input.subject}}]}
        assert service is not None
        data = service.data
        known = "depth" in data
        return {"output": {"depth": data["depth"] + 1 if known else 0, "end": data["end" if known else "errorName"]}}

    return create_arvo_resumable(
        contracts={"self": own, "services": {other: others.version("1.0.0")}}, handler={"1.0.0": run}
    )


def nest_app(limits: Limits, kind: Kind = "machine") -> ArvoApp:
    """Return the app, whose second orchestration is always a machine."""
    ping = (
        create_arvo_orchestrator(executionunits=1, machines=[_machine("ping", ping_contract, "pong", pong_contract)])
        if kind == "machine"
        else _function(ping_contract, "pong", pong_contract)
    )
    pong = create_arvo_orchestrator(executionunits=1, machines=[_machine("pong", pong_contract, "ping", ping_contract)])
    return ArvoApp(orchestrators=[ping, pong], policies=policies_of("arvo.orc.ping", kind), limits=limits)


def start_nest() -> ArvoEvent:
    """Return the init event of a first one."""
    return create_arvo_orchestrator_event_factory(ping_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None}
    )
