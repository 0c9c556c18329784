"""What fails leaves a trace where an operator looks, reaches whoever waits for it, and can be acted on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    ArvoOrchestrator,
    SimpleEventBroker,
    assign,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp
from tests.conftest import Serve


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


def errands(request: str = COURIER, on: Mapping[str, Any] = DELIVERED, **waiting: Any) -> ArvoOrchestrator:
    """Return an orchestrator that sends one request and waits for what `on` names."""
    machine = setup_arvo_machine(
        contracts={
            "self": errand_contract.version("1.0.0"),
            "services": {"courier": courier_contract.version("1.0.0")},
        },
        actions={"note": assign({"text": lambda event: event.data.get("text") or event.data["errorMessage"]})},
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
            },
        }
    )
    return create_arvo_orchestrator(executionunits=1, machines=[machine])


def errand(text: str = "") -> ArvoEvent:
    return create_arvo_orchestrator_event_factory(errand_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None, "text": text}
    )


NOBODY = "com.nobody.knows"
TOLD = {f"sys.{NOBODY}.error": {"target": "over", "actions": "note"}}


async def test_an_event_without_a_contract_that_nobody_takes_is_told_to_the_machine(serve: Serve) -> None:
    init = errand()
    async with serve(ArvoApp(orchestrators=[errands(NOBODY, TOLD)])) as client:
        await client.deliver(init)
        record = await asyncio.wait_for(client.result(init.subject), 10)
    assert f"Nobody takes '{NOBODY}'" in record["state"]["output"]["text"]
    final = await SimpleEventBroker([errands(NOBODY, TOLD)]).resolve(init)
    assert final is not None
    assert f"Nobody takes '{NOBODY}'" in final.data["text"], "in one process too"


async def test_a_system_error_that_nobody_handles_is_logged_in_one_process(caplog: pytest.LogCaptureFixture) -> None:
    init = errand()
    await SimpleEventBroker([errands(NOBODY)]).publish(init)
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert all(text in record.getMessage() for text in (init.subject, f"sys.{NOBODY}.error", "Nobody takes"))
