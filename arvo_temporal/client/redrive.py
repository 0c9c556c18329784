"""Refused, unhandled and late events, sent again."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from temporalio.client import Client

from adapter.errors import OrchestrationNotFoundError, OrchestrationSilentError
from adapter.ledger import Fate, LedgerEntry
from arvo.errors import ArvoError
from arvo_temporal.client.results import ExecuteResult, RedriveResult
from arvo_temporal.replay import payloads_of_run, runs_of

_OPEN = (Fate.REFUSED, Fate.UNHANDLED, Fate.LATE)
_SETTLED = (Fate.APPLIED, Fate.FAILED)

Json = Mapping[str, Any] | str
Execute = Callable[[Json], Awaitable[ExecuteResult]]
"""Sends the JSON of an event and waits for what becomes of it; raises what refuses it."""


async def redrive(
    execute: Execute,
    client: Client,
    workflow_id: str,
    ledger: Sequence[LedgerEntry],
    event_ids: Collection[str] | None = None,
) -> list[RedriveResult]:
    """Send the refused, the unhandled and the late events of a ledger again, and return what becomes of each.

    Args:
        execute: How an event is sent.
        client: The client that reads the history, where the ledger has not the whole text of an event.
        workflow_id: The orchestration that they were for.
        ledger: The entries of its ledger, oldest first.
        event_ids: Which events to send; None for all of these that were not applied since.

    Raises:
        OrchestrationNotFoundError: If the history is needed, and the server has none.
        OrchestrationSilentError: If no worker answers, or its workflow task fails.
    """
    wanted = dict.fromkeys(event_ids) if event_ids is not None else _waiting(ledger)
    known = {entry.id: entry for entry in ledger if entry.fate in _OPEN and entry.id in wanted}
    texts = await _texts(client, workflow_id, known.values())
    return [
        await _send(execute, known[event_id], texts.get(event_id)) if event_id in known else _unknown(event_id)
        for event_id in wanted
    ]


def _waiting(ledger: Iterable[LedgerEntry]) -> dict[str | None, None]:
    """Return the ids whose newest fate that counts is another than to be consumed, in the order of the first one."""
    waiting: dict[str | None, None] = {}
    for entry in ledger:
        if entry.fate in _OPEN:
            waiting.setdefault(entry.id)
        elif entry.fate in _SETTLED:
            waiting.pop(entry.id, None)
    return waiting


async def _texts(client: Client, workflow_id: str, entries: Iterable[LedgerEntry]) -> dict[str | None, Json]:
    """Return the JSON of the events of ledger entries by id; what is no event, or nowhere to be found, is left out."""
    events = [entry for entry in entries if entry.id is not None]
    texts: dict[str | None, Json] = {entry.id: entry.payload for entry in events if entry.payload and entry.complete}
    missing = {entry.id for entry in events} - texts.keys()
    return {**texts, **await _found_in_history(client, workflow_id, missing)} if missing else texts


async def _found_in_history(client: Client, workflow_id: str, event_ids: Set[str | None]) -> dict[str | None, Json]:
    found: dict[str | None, Json] = {}
    for run in reversed(await runs_of(client, workflow_id)):
        async for data in payloads_of_run(client, run):
            for event_id, event in _events_in(data):
                if event_id in event_ids:
                    found.setdefault(event_id, event)
    return found


def _events_in(data: bytes) -> Iterator[tuple[str, Json]]:
    try:
        value = json.loads(data)
    except ValueError:
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and "specversion" in item and isinstance(item.get("id"), str):
            yield item["id"], item


async def _send(execute: Execute, entry: LedgerEntry, event: Json | None) -> RedriveResult:
    if event is None:
        return RedriveResult(entry.id, entry.type, entry.fate, f"It cannot be sent again: {entry.reason}")
    try:
        result = await execute(event)
    except OrchestrationNotFoundError as error:
        return RedriveResult(entry.id, entry.type, Fate.LATE, str(error))
    except OrchestrationSilentError:
        raise
    except ArvoError as error:
        return RedriveResult(entry.id, entry.type, Fate.REFUSED, str(error))
    return RedriveResult(entry.id, entry.type, result.fate, result.reason)


def _unknown(event_id: str | None) -> RedriveResult:
    return RedriveResult(
        event_id, None, None, "The ledger of this orchestration has no such refused, unhandled or late event."
    )
