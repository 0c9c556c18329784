"""What a chain of events has produced, in this process and on Temporal, in a form that can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from temporalio.api.common.v1 import Payload

from arvo import ArvoEvent, ArvoOrchestrationSubject
from arvo.errors import ArvoError, InvalidSubjectError
from arvo_temporal import ArvoClient

_GENERATED = ("id", "parentid", "time")
"""Attributes that differ between two runs of the same chain."""


def shapes(events: Iterable[ArvoEvent]) -> list[str]:
    """Return events without generated ids and times, in an order that does not depend on which service was faster."""
    return sorted(_shape(event) for event in events)


async def produced_on_temporal(client: ArvoClient, task_queue: str) -> list[ArvoEvent]:
    """Return all events that the histories of a task queue tell of, each id once."""
    known: dict[str, ArvoEvent] = {}
    executions = client.client.list_workflows(f"TaskQueue = '{task_queue}'")
    async for history in executions.map_histories():
        for item in history.events:
            attributes = getattr(item, str(item.WhichOneof("attributes")))
            if _hands_on(attributes):
                continue
            for event in _events_in(attributes):
                known[event.id] = event
    return list(known.values())


def _hands_on(attributes: Any) -> bool:
    """Tell whether this is what one run gives the next: the init event goes without its data there."""
    return any(getattr(attributes, name, "") for name in ("continued_execution_run_id", "new_execution_run_id"))


def _shape(event: ArvoEvent) -> str:
    kept = {key: value for key, value in event.to_json().items() if key not in _GENERATED}
    kept["subject"] = _subject_shape(event.subject)
    data = dict(event.data)
    if data.get("parentSubject$$"):
        data["parentSubject$$"] = _subject_shape(data["parentSubject$$"])
    if "errorStack" in data:
        data["errorStack"] = None
    kept["data"] = data
    return json.dumps(kept, sort_keys=True)


def _subject_shape(subject: str) -> Any:
    try:
        content = ArvoOrchestrationSubject.parse(subject)
    except InvalidSubjectError:
        return subject
    return [content.orchestrator.name, content.orchestrator.version, content.execution.initiator, dict(content.meta)]


def _events_in(attributes: Any) -> Iterator[ArvoEvent]:
    for field in ("input", "result"):
        for payload in _payloads(getattr(attributes, field, None)):
            # What is no event at all has been sent by strangers.
            with suppress(ValueError, ArvoError):
                yield from _events_of(json.loads(payload.data))


def _payloads(field: Any) -> Iterable[Payload]:
    payloads: Iterable[Payload] = getattr(field, "payloads", ())
    return payloads


def _events_of(value: Any) -> Iterator[ArvoEvent]:
    if isinstance(value, Mapping):
        if "specversion" in value:
            yield ArvoEvent.from_json(value)
        else:
            for inner in value.values():
                yield from _events_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _events_of(inner)
