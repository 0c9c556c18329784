"""Refused and late events, sent again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapter.errors import OrchestrationNotFoundError
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from arvo_temporal.replay import payloads_of_run, runs_of

if TYPE_CHECKING:
    from arvo_temporal.client.client import ArvoClient

_OPEN = ("refused", "late")
_SETTLED = ("applied", "unhandled")


@dataclass(frozen=True, slots=True)
class RedriveResult:
    """What became of an event that was sent again.

    Attributes:
        id: The event's id; None if what was refused is no event, and cannot be sent.
        type: The event's type.
        fate: The fate that it has now: `applied`, `unhandled`, `duplicate`, `late`, or again `refused`.
        reason: In words, for every fate but `applied`.
    """

    id: str | None
    type: str | None
    fate: str
    reason: str | None = None


async def redriven(
    client: ArvoClient, workflow_id: str, entries: Iterable[Mapping[str, Any]], event_ids: Collection[str] | None
) -> AsyncIterator[RedriveResult]:
    """Send the refused and the late events of a ledger again, and yield what becomes of each.

    Args:
        client: The client that sends them.
        workflow_id: The orchestration that they were for.
        entries: Its ledger, oldest first.
        event_ids: Which events to send; None for all that are refused or late and were not consumed since.
    """
    wanted = _open(entries) if event_ids is None else dict.fromkeys(event_ids)
    kept = {entry.get("id"): entry for entry in entries if entry["fate"] in _OPEN}
    for event_id in wanted:
        entry = kept.get(event_id)
        if entry is None:
            yield RedriveResult(
                event_id, None, "unknown", "The ledger of this orchestration has no such refused or late event."
            )
        else:
            yield await _send(client, workflow_id, entry)


def _open(entries: Iterable[Mapping[str, Any]]) -> dict[str | None, None]:
    """Return the ids whose newest fate that counts is a refusal or to be late, in the order of the first one."""
    waiting: dict[str | None, None] = {}
    for entry in entries:
        if entry["fate"] in _OPEN:
            waiting.setdefault(entry.get("id"))
        elif entry["fate"] in _SETTLED:
            waiting.pop(entry.get("id"), None)
    return waiting


async def _send(client: ArvoClient, workflow_id: str, entry: Mapping[str, Any]) -> RedriveResult:
    event_id, event_type = entry.get("id"), entry.get("type")
    event = await _whole(client, workflow_id, entry) if event_id is not None else None
    if event is None:
        return RedriveResult(event_id, event_type, entry["fate"], f"It cannot be sent again: {entry['reason']}")
    try:
        result = await client.execute(event)
    except OrchestrationNotFoundError as error:
        return RedriveResult(event_id, event_type, "late", str(error))
    except ArvoError as error:
        return RedriveResult(event_id, event_type, "refused", str(error))
    return RedriveResult(event_id, event_type, result.fate, result.reason)


async def _whole(client: ArvoClient, workflow_id: str, entry: Mapping[str, Any]) -> ArvoEvent | None:
    """Return a refused event: from its ledger entry, or from the history where the entry has only its beginning."""
    try:
        return ArvoEvent.from_json(entry.get("payload", ""))
    except ArvoError:
        pass
    for run in reversed(await runs_of(client.client, workflow_id)):
        async for data in payloads_of_run(client.client, run):
            for item in _events_in(data):
                if item.get("id") == entry["id"]:
                    return ArvoEvent.from_json(item)
    return None


def _events_in(data: bytes) -> list[dict[str, Any]]:
    try:
        value = json.loads(data)
    except ValueError:
        return []
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict) and "specversion" in item]
