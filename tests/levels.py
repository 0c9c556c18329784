"""Orchestrations that each start the one below: as machines and as functions."""

from __future__ import annotations

from typing import Any

from arvo import (
    ArvoContract,
    ArvoEvent,
    ArvoOrchestrator,
    ArvoResumable,
    ResumableOutput,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    emit,
    setup_arvo_machine,
)
from tests.errands import COURIER, Text, courier_contract

TOP, MIDDLE, BOTTOM = contracts = [
    create_arvo_orchestrator_contract(
        uri=f"#/test/{name}", name=name, versions={"1.0.0": {"init": Text, "complete": Text}}
    )
    for name in ("top", "middle", "bottom")
]


def level(own: ArvoContract, below: ArvoContract | None, **waiting: Any) -> ArvoOrchestrator:
    """Return an orchestrator that starts the one below, and completes when that does, or as `waiting` says."""
    services = {"below": below.version("1.0.0")} if below else {"courier": courier_contract.version("1.0.0")}
    machine = setup_arvo_machine(contracts={"self": own.version("1.0.0"), "services": services}).create_machine(
        {
            "id": own.type,
            "context": lambda input: {"subject": input.subject},
            "initial": "waiting",
            "output": {"text": "over"},
            "states": {
                "waiting": {
                    "entry": emit(
                        lambda context: {
                            "type": below.type if below else COURIER,
                            "data": {"parentSubject$$": context["subject"], "text": ""} if below else {"text": ""},
                        }
                    ),
                    "on": {f"{below.type}.done" if below else "evt.courier.ask.success": "over"},
                    **waiting,
                },
                "over": {"type": "final"},
            },
        }
    )
    return create_arvo_orchestrator(executionunits=1, machines=[machine])


def level_function(own: ArvoContract, below: ArvoContract, *, is_last: bool = False) -> ArvoResumable:
    """Return the same as a function, which gives up where it is begun once more, or completes at once (`is_last`)."""

    def run(context: Any, input: ArvoEvent | None) -> ResumableOutput:
        over: ResumableOutput = {"output": {"text": "over"}}
        if input is None or context is not None:
            return over
        request = {"type": below.type, "data": {"parentSubject$$": input.subject, "text": ""}}
        return {"context": {}, "services": [request], **(over if is_last else {})}

    return create_arvo_resumable(
        contracts={"self": own, "services": {"below": below.version("1.0.0")}}, handler={"1.0.0": run}
    )


def begin(contract: ArvoContract) -> ArvoEvent:
    return create_arvo_orchestrator_event_factory(contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "text": ""}
    )
