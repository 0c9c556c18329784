"""An app that is developed: it greets whoever starts it."""

from __future__ import annotations

from pydantic import BaseModel

from arvo import create_arvo_orchestrator, create_arvo_orchestrator_contract, setup_arvo_machine
from arvo_temporal import ArvoApp


class Hello(BaseModel):
    text: str


class Greeting(BaseModel):
    text: str


contract = create_arvo_orchestrator_contract(
    uri="#/greeter", name="greeter", versions={"1.0.0": {"init": Hello, "complete": Greeting}}
)
machine = setup_arvo_machine(contracts={"self": contract.version("1.0.0"), "services": {}}).create_machine(
    {"id": "greeter", "initial": "done", "states": {"done": {"type": "final"}}, "output": lambda: {"text": "GREETING"}}
)
app = ArvoApp(orchestrators=[create_arvo_orchestrator(executionunits=1, machines=[machine])])
