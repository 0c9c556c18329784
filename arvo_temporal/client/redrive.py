"""Refused, unhandled and late events, sent again."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

from temporalio.client import Client

from adapter.errors import OrchestrationNotFoundError, OrchestrationSilentError
from adapter.ledger import Fate, LedgerEntry
from arvo.errors import ArvoError
from arvo_temporal.client.results import ExecuteResult, RedriveResult
from arvo_temporal.replay import payloads_of_run, runs_backwards

_OPEN = (Fate.REFUSED, Fate.UNHANDLED, Fate.LATE)
_SETTLED = (Fate.APPLIED, Fate.FAILED)

Json = Mapping[str, Any] | str
Execute = Callable[[Json], Awaitable[ExecuteResult]]
"""Sends the JSON of an event and waits for what becomes of it; raises what refuses it."""


class _Name(NamedTuple):
    """What names an event; None for what is no event."""

    source: str | None
    id: str | None

    @classmethod
    def of(cls, entry: LedgerEntry) -> _Name:
        return cls(entry.source, entry.id)


async def redrive(
    execute: Execute,
    client: Client,
    workflow_id: str,
    ledger: Sequence[LedgerEntry],
    event_ids: Collection[str] | None = None,
    source: str | None = None,
) -> list[RedriveResult]:
    """Send the refused, the unhandled and the late events of a ledger again, and return what becomes of each.

    Args:
        execute: How an event is sent.
        client: The client that reads the history, where the ledger has not the whole text of an event.
        workflow_id: The orchestration that they were for.
        ledger: The entries of its ledger, oldest first.
        event_ids: Which events to send; None for all of these that were not applied since.
        source: The source of these events; None for any, where an id names one event only.

    Raises:
        OrchestrationNotFoundError: If the history is needed, and the server has none.
        OrchestrationSilentError: If no worker answers, or its workflow task fails.
    """
    known = {_Name.of(entry): entry for entry in ledger if entry.fate in _OPEN and source in (None, entry.source)}
    wanted = _waiting(ledger, known) if event_ids is None else _named(event_ids, known)
    texts = await _texts(client, workflow_id, [known[name] for name in wanted if isinstance(name, _Name)])
    return [await _send(execute, known[name], texts.get(name)) if isinstance(name, _Name) else name for name in wanted]


def stopped(ledger: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Return the newest entry of each event that is still refused, unhandled or late, in the order of the first one."""
    known = {_Name.of(entry): entry for entry in ledger if entry.fate in _OPEN}
    return [known[name] for name in _waiting(ledger, known)]


def _waiting(ledger: Iterable[LedgerEntry], known: Collection[_Name]) -> Sequence[_Name]:
    """Return the names whose newest fate that counts is another than to be consumed, in the order of the first one."""
    waiting: dict[_Name, None] = {}
    for entry in ledger:
        if entry.fate in _OPEN and not entry.dismissed:
            waiting.setdefault(_Name.of(entry))
        elif entry.fate in _SETTLED or entry.dismissed:
            waiting.pop(_Name.of(entry), None)
    return [name for name in waiting if name in known]


def _named(event_ids: Iterable[str], known: Collection[_Name]) -> Sequence[_Name | RedriveResult]:
    """Return the event that each id names, or why it names none."""
    return [
        _the_one(event_id, [name for name in known if name.id == event_id]) for event_id in dict.fromkeys(event_ids)
    ]


def _the_one(event_id: str, names: Sequence[_Name]) -> _Name | RedriveResult:
    if len(names) == 1:
        return names[0]
    reason = "The ledger of this orchestration has no such refused, unhandled or late event."
    if names:
        sources = ", ".join(f"'{name.source}'" for name in names)
        reason = f"Several sources have given this id: {sources}. Say which one is meant (source=, --source)."
    return RedriveResult(event_id, None, None, reason)


async def _texts(client: Client, workflow_id: str, entries: Iterable[LedgerEntry]) -> dict[_Name, Json]:
    """Return the JSON of the events of ledger entries; what is no event, or nowhere to be found, is left out."""
    events = [entry for entry in entries if entry.id is not None]
    texts: dict[_Name, Json] = {_Name.of(entry): entry.payload for entry in events if entry.payload and entry.complete}
    missing = {_Name.of(entry) for entry in events} - texts.keys()
    return {**texts, **await _found_in_history(client, workflow_id, missing)} if missing else texts


async def _found_in_history(client: Client, workflow_id: str, names: Set[_Name]) -> dict[_Name, Json]:
    found: dict[_Name, Json] = {}
    async for run in runs_backwards(client, workflow_id):
        async for data in payloads_of_run(client, run):
            for name, event in _events_in(data):
                if name in names:
                    found.setdefault(name, event)
        if len(found) == len(names):
            break
    return found


def _events_in(data: bytes) -> Iterator[tuple[_Name, Json]]:
    try:
        value = json.loads(data)
    except ValueError:
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and all(isinstance(item.get(key), str) for key in ("source", "id", "type")):
            yield _Name(item["source"], item["id"]), item


async def _send(execute: Execute, entry: LedgerEntry, event: Json | None) -> RedriveResult:
    reason: str | None = f"It cannot be sent again: {entry.reason}"
    if event is None:
        return RedriveResult(entry.id, entry.type, entry.fate, reason, source=entry.source)
    try:
        result = await execute(event)
    except OrchestrationNotFoundError as error:
        fate, reason = Fate.LATE, str(error)
    except OrchestrationSilentError:
        raise
    except ArvoError as error:
        fate, reason = Fate.REFUSED, str(error)
    else:
        fate, reason = result.fate, result.reason
    return RedriveResult(entry.id, entry.type, fate, reason, source=entry.source)
