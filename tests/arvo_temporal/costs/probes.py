"""Small machines whose orchestrations cost what their forecast says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from adapter.app import AnyOrchestrator
from adapter.policies import EmissionMode
from adapter.search_attributes import ChosenAttribute
from arvo import (
    ArvoEvent,
    ArvoEventHandler,
    ArvoResumable,
    HandlerOutput,
    create_arvo_event_factory,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo.contracts import VersionedArvoContract
from arvo_temporal import ArvoApp, EmissionPolicy


class Words(BaseModel):
    """Data."""

    text: str = ""


probe_contract = create_arvo_orchestrator_contract(
    uri="#/test/probe", name="probe", versions={"1.0.0": {"init": Words, "complete": Words}}
)
child_contract = create_arvo_orchestrator_contract(
    uri="#/test/nested", name="nested", versions={"1.0.0": {"init": Words, "complete": Words}}
)
_SERVED = {
    name: create_simple_arvo_contract(
        uri=f"#/test/{name}", type=f"probe.{name}", versions={"1.0.0": {"accepts": Words, "emits": Words}}
    )
    for name in ("one", "two", "outside")
}
SERVICES: dict[str, VersionedArvoContract] = {
    **{name: contract.version("1.0.0") for name, contract in _SERVED.items()},
    "nested": child_contract.version("1.0.0"),
}


def ask(name: str, **fields: Any) -> Any:
    """Return the action that asks a service: `one`, `two`, or `outside`."""
    return emit({"type": f"com.probe.{name}", "data": {}, **fields})


def said(name: str) -> str:
    """Return the type of a service's answer."""
    return f"evt.probe.{name}.success"


nest = emit(lambda context: {"type": "arvo.orc.nested", "data": {"parentSubject$$": context["subject"]}})
"""The action that starts a nested orchestration."""
unparented = emit({"type": "arvo.orc.nested", "data": {"parentSubject$$": None}})
"""The action that starts an orchestration that is nobody's."""
NESTED = "arvo.orc.nested.done"


async def answer(event: ArvoEvent) -> HandlerOutput:
    """Answer a request."""
    return {"type": f"evt.{event.type.removeprefix('com.')}.success", "data": {}}


def _handler(name: str) -> ArvoEventHandler:
    return create_arvo_event_handler(contract=_SERVED[name], executionunits=1, handler={"1.0.0": answer})


async def publish(event: ArvoEvent) -> None:
    """Publish nothing."""


def machine_of(config: Mapping[str, Any], **implementations: Any) -> Any:
    """Return a machine of states."""
    given = {"id": "probe", "context": lambda input: {"subject": input.subject}, "output": {"text": "done"}, **config}
    return setup_arvo_machine(
        contracts={"self": probe_contract.version("1.0.0"), "services": SERVICES}, **implementations
    ).create_machine(given)


_nested_machine = setup_arvo_machine(
    contracts={"self": child_contract.version("1.0.0"), "services": {}}
).create_machine(
    {
        "id": "nested",
        "initial": "over",
        "context": {},
        "states": {"over": {"type": "final"}},
        "output": {"text": "done"},
    }
)


def app_of(
    orchestrator: AnyOrchestrator,
    mode: EmissionMode,
    publishers: Sequence[str | None] = (),
    function: EmissionMode = "step",
    search_attributes: Iterable[ChosenAttribute] = (),
) -> ArvoApp:
    """Return an app of one orchestrator, what it nests, and two handlers.

    Args:
        orchestrator: The orchestrator.
        mode: How handlers and publishers work.
        publishers: The domains that have one.
        function: Where the function of a resumable runs.
        search_attributes: What else is among the search attributes.
    """
    policies: dict[str | None, EmissionPolicy] = {
        taker: EmissionPolicy(mode=mode) for taker in ("com.probe.one", "com.probe.two", *publishers)
    }
    if isinstance(orchestrator, ArvoResumable):
        policies[orchestrator.source] = EmissionPolicy(mode=function)
    return ArvoApp(
        orchestrators=[orchestrator, create_arvo_orchestrator(executionunits=1, machines=[_nested_machine])],
        handlers=[_handler("one"), _handler("two")],
        publishers=dict.fromkeys(publishers, publish),
        policies=policies,
        search_attributes=search_attributes,
    )


def init() -> ArvoEvent:
    """Return the init event of a new orchestration."""
    return create_arvo_orchestrator_event_factory(probe_contract.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None}
    )


def from_outside(subject: str) -> ArvoEvent:
    """Return an event from outside."""
    return create_arvo_event_factory(_SERVED["outside"].version("1.0.0")).emits(
        type=said("outside"), source="com.probe.outside", subject=subject, to="arvo.orc.probe", data={}
    )
