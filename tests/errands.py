"""An orchestration that sends one request, and waits for what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    ArvoOrchestrator,
    ArvoResumable,
    ResumableOutput,
    assign,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)


class Text(BaseModel):
    """Any text."""

    text: str


errand_contract = create_arvo_orchestrator_contract(
    uri="#/test/errand", name="errand", versions={"1.0.0": {"init": Text, "complete": Text}}
)
courier_contract = create_simple_arvo_contract(
    uri="#/test/courier", type="courier.ask", versions={"1.0.0": {"accepts": Text, "emits": Text}}
)
ERRAND = "arvo.orc.errand"
COURIER = "com.courier.ask"
DELIVERED = {"evt.courier.ask.success": {"target": "over", "actions": "note"}}


def errands(
    request: str = COURIER,
    on: Mapping[str, Any] = DELIVERED,
    states: Mapping[str, Any] | None = None,
    delays: Mapping[str, Any] | None = None,
    **waiting: Any,
) -> ArvoOrchestrator:
    """Return an orchestrator that sends one request and waits for what `on` names."""
    machine = setup_arvo_machine(
        contracts={
            "self": errand_contract.version("1.0.0"),
            "services": {"courier": courier_contract.version("1.0.0")},
        },
        actions={"note": assign({"text": lambda event: event.data.get("text") or event.data["errorMessage"]})},
        delays=delays,
    ).create_machine(
        {
            "id": "errand",
            "context": lambda input: {"text": input.data["text"]},
            "initial": "waiting",
            "output": lambda context: {"text": context["text"]},
            "states": {
                "waiting": {
                    "entry": emit(lambda context: {"type": request, "data": {"text": context["text"]}}),
                    "on": on,
                    **waiting,
                },
                "over": {"type": "final"},
                **(states or {}),
            },
        }
    )
    return create_arvo_orchestrator(executionunits=1, machines=[machine])


def errand_function(*requests: Mapping[str, Any], is_last: bool = False, is_patient: bool = False) -> ArvoResumable:
    """Return the same as a function: it sends one request, and gives up where it is begun once more.

    Args:
        requests: The requests; that of the machine by default.
        is_last: Whether it completes in the step that sends them.
        is_patient: Whether it waits for a success, whatever else comes.
    """

    def run(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput | None:
        if context is not None and is_patient and not (service and service.type.endswith(".success")):
            return None
        if service is not None:
            return {"output": {"text": service.data.get("text") or service.data["errorMessage"]}}
        assert input is not None
        if context is not None:
            return {"output": {"text": "given up"}}
        known = {"text": input.data["text"]}
        sent = requests or [{"type": COURIER, "data": known}]
        step: ResumableOutput = {"context": known, "services": sent}
        return {**step, "output": known} if is_last else step

    return create_arvo_resumable(
        contracts={"self": errand_contract, "services": {"courier": courier_contract.version("1.0.0")}},
        handler={"1.0.0": run},
    )


def errand(text: str = "") -> ArvoEvent:
    """Return the init event of a new errand."""
    return create_arvo_orchestrator_event_factory(errand_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "text": text}
    )
