"""Requests that an orchestration has sent out of its app, and that nobody has answered yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.app import ArvoApp
from adapter.observation import HistoryEntry
from adapter.routing import Route, route
from arvo.contracts import VersionedArvoContract
from arvo.events import ArvoEvent, ArvoOrchestrationSubject


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request of an orchestration that waits for an answer from outside.

    Attributes:
        event: The request.
        contract: The contract of its service, whose events answer it.
        since: When it was made, in ISO 8601.
    """

    event: ArvoEvent
    contract: VersionedArvoContract
    since: str

    @property
    def answers(self) -> tuple[str, ...]:
        """The types of the events that answer it."""
        return tuple(self.contract.emits)


def pending_requests(app: ArvoApp, steps: Sequence[HistoryEntry]) -> list[PendingRequest]:
    """Return the requests that went out of the app and have no answer yet, oldest first.

    An answer names its request as its parent, as handlers and `answer` have it. One that names none answers the
    oldest request to its service.

    Args:
        app: The app of the orchestration.
        steps: All its steps, oldest first.
    """
    pending: dict[str, PendingRequest] = {}
    record: Mapping[str, Any] | None = None
    contracts: Mapping[str, VersionedArvoContract] | None = None
    for step in steps:
        record = step.record or record
        if record is None or "events" not in record:
            continue
        subject = record["subject"]
        contracts = contracts if contracts is not None else _contracts(app, subject)
        _settle(pending, record["events"]["consumed"])
        for event in step.events:
            contract = contracts.get(event.type)
            if contract is not None and route(app, event, subject=subject) in (Route.PUBLISHER, Route.NOWHERE):
                pending[event.id] = PendingRequest(event, contract, step.time)
    return list(pending.values()) if record is not None and record.get("status") == "active" else []


def _settle(pending: dict[str, PendingRequest], consumed: Mapping[str, Any] | None) -> None:
    """Take out the request that an event answers."""
    if consumed is None:
        return
    parent = consumed.get("parentid")
    if parent is not None:
        pending.pop(parent, None)
        return
    asked = _first(request for request in pending.values() if consumed["type"] in request.contract.emits)
    if asked is not None:
        del pending[asked.event.id]


def _first(requests: Iterable[PendingRequest]) -> PendingRequest | None:
    return next(iter(requests), None)


def _contracts(app: ArvoApp, subject: str) -> Mapping[str, VersionedArvoContract]:
    """Return the contracts of the services of an orchestration, by the types of their requests."""
    named = ArvoOrchestrationSubject.parse(subject).orchestrator
    inputs = app.orchestrators[named.name].inputs(named.version)
    return {one.contract.accepts.type: one.contract for one in inputs.values() if one.role == "service"}
