"""An orchestration that sends one request, and waits for what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    ArvoOrchestrator,
    assign,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
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


def errand(text: str = "") -> ArvoEvent:
    """Return the init event of a new errand."""
    return create_arvo_orchestrator_event_factory(errand_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "text": text}
    )
