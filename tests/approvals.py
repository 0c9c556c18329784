"""An app whose orchestration asks people outside: for a verdict, and for signatures."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, Field

from arvo import (
    ArvoEvent,
    SimpleMachineMemory,
    assign,
    create_arvo_contract,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp


class Level(StrEnum):
    """How urgent it is."""

    LOW = "low"
    HIGH = "high"


class Wanted(BaseModel):
    """How many signatures are asked for."""

    signatures: int = 0


class Place(BaseModel):
    """Where it was decided."""

    city: str
    zip: str | None = None


class Verdict(BaseModel):
    """What was decided."""

    approved: bool
    amount: int = Field(ge=0, description="In cents.")
    level: Level
    place: Place
    rate: float = 0.5
    note: str | None = None
    tags: list[str] = []


class Nothing(BaseModel):
    """No data."""


class Asked(BaseModel):
    """What is asked about."""

    text: str


verdict_contract = create_arvo_contract(
    uri="#/test/verdict",
    type="com.verdict.ask",
    versions={"1.0.0": {"accepts": Asked, "emits": {"evt.verdict.given": Verdict, "evt.verdict.refused": Asked}}},
)
signature_contract = create_arvo_contract(
    uri="#/test/signature",
    type="com.signature.ask",
    versions={"1.0.0": {"accepts": Asked, "emits": {"evt.signature.given": Nothing}}},
)
approval_contract = create_arvo_orchestrator_contract(
    uri="#/test/approval", name="approval", versions={"1.0.0": {"init": Wanted, "complete": Nothing}}
)


def _asked(type_: str) -> object:
    return emit({"type": type_, "domain": ["people"], "data": {"text": "please"}})


approval_machine = setup_arvo_machine(
    contracts={
        "self": approval_contract.version("1.0.0"),
        "services": {
            "verdict": verdict_contract.version("1.0.0"),
            "signature": signature_contract.version("1.0.0"),
        },
    },
    actions={"count_down": assign({"signatures": lambda context: context["signatures"] - 1})},
    guards={"wants_signatures": lambda context: context["signatures"] > 0},
).create_machine(
    {
        "id": "approval",
        "context": lambda input: {"signatures": input.data["signatures"]},
        "initial": "asking",
        "states": {
            "asking": {
                "entry": [_asked("com.verdict.ask")],
                "on": {
                    "evt.verdict.given": [{"guard": "wants_signatures", "target": "signing"}, {"target": "over"}],
                    "evt.verdict.refused": "over",
                },
            },
            "signing": {
                "entry": [_asked("com.signature.ask"), _asked("com.signature.ask")],
                "on": {"evt.signature.given": {"actions": "count_down"}},
            },
            "over": {"type": "final"},
        },
        "output": lambda: {},
    }
)


def receive(event: ArvoEvent) -> None:
    """Take what leaves the app."""


def approvals_app(task_queue: str | None = None) -> ArvoApp:
    """Return an app of it."""
    orchestrator = create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[approval_machine])
    return ArvoApp(orchestrators=[orchestrator], publishers={"people": receive, None: receive}, task_queue=task_queue)


app = approvals_app()
GOOD = {"approved": True, "amount": 5, "level": "high", "place": {"city": "Bonn"}}
