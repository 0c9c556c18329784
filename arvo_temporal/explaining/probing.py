"""Events that are asked about: a whole one where there is data, else one whose data nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from arvo.errors import nearest, shorten
from arvo.events import ArvoEvent, create_arvo_event
from arvo.orchestration import AcceptedInput
from arvo.statechart.inspecting import UndecidedError
from arvo.wire import build_dataschema

_KNOWN = frozenset({"type", "source", "subject", "to", "dataschema", "datacontenttype", "specversion"})


class UnknownEvent:
    """An event of which nothing is known but its type and its way: who reads more is undecided."""

    def __init__(self, event: ArvoEvent) -> None:
        self._event = event

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in _KNOWN:
            raise UndecidedError(name)
        return getattr(self._event, name)

    def __getitem__(self, name: object) -> Any:
        raise UndecidedError(name)

    def __deepcopy__(self, memo: object) -> UnknownEvent:
        return self


def event_for(
    subject: str, orchestrator: str, event_type: str, accepted: AcceptedInput | None, data: Mapping[str, Any]
) -> ArvoEvent:
    """Make the event that is asked about.

    Args:
        subject: The orchestration's subject.
        orchestrator: The type of the orchestrator, which it is sent to.
        event_type: The event's type.
        accepted: How the orchestration checks such an event; None where no contract has it.
        data: Its data.
    """
    contract = accepted.contract if accepted else None
    return create_arvo_event(
        type=event_type,
        source=contract.accepts.type if contract and accepted and accepted.role == "service" else "explain",
        subject=subject,
        data=data,
        to=orchestrator,
        dataschema=build_dataschema(contract.uri, contract.version) if contract else None,
        telemetry=False,
    )


def unknown_type(event_type: str, known: Iterable[str]) -> str:
    """Say that no contract has a type, and which one may be meant."""
    near = nearest(event_type, known)
    meant = f" Is '{near}' meant?" if near else ""
    return f"No contract of this orchestrator has events of the type {shorten(event_type)}.{meant}"
