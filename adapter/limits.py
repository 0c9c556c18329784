"""Bounds of what an orchestration takes, gives and remembers.

What Temporal would not take is refused here first, with words that help.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from adapter.errors import AppError, EventTooLargeViolation
from arvo.errors import shorten
from arvo.events import ArvoEvent
from arvo.orchestration import Step

_CURE = "Put what is large into a store of its own, and let events and context say where it is (a claim check)."


MAX_FIELD = 2000
"""Most characters of a field of an event, beside subject, data and extensions: fields are remembered and carried."""

_BOUNDED_FIELDS = (
    "id",
    "source",
    "type",
    "to",
    "dataschema",
    "datacontenttype",
    "accesscontrol",
    "redirectto",
    "parentid",
    "domain",
    "traceparent",
    "tracestate",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what an orchestration remembers, and of what it takes and gives.

    A run of a workflow keeps those that it was started with; a change holds from the next run on.

    Attributes:
        remembered_ids: How many consumed events, by source and id, are kept to recognise a repetition.
        ledger: How many fates of events the `ledger` and `violations` queries answer, newest last.
        deliveries_per_run: After how many deliveries the workflow continues as new. Temporal ends a run at 10,000
            signals and its own suggestion does not count them.
        history_bytes: How long the history of a run may become by what is sent to it: senders wait there for the next
            run, which begins after half of it at the latest. Temporal ends a run at 50 MB; what comes from elsewhere,
            such as the answers of handlers, needs the rest.
        emissions_at_once: How many of its emissions are under way, children included; the rest waits its turn. Temporal
            takes no more than 2,000 of each kind, and gives up on a workflow that takes two seconds to begin them.
        nesting: How deep orchestrations may be nested, the first one not counted. A request for one that would be
            deeper comes back as a system error.
        event_bytes: Longest event, and the longest answer of a handler in all, as JSON. Temporal takes 2 MiB.
        record_bytes: Longest record, which has the state, the last event consumed and what came of it, as JSON. A step
            that would make it longer is refused. Temporal takes 2 MiB from run to run, the waiting events included.

    Raises:
        AppError: If one is no whole number, or below zero.
    """

    remembered_ids: int = 4096
    ledger: int = 256
    deliveries_per_run: int = 2000
    history_bytes: int = 16 * 1024 * 1024
    emissions_at_once: int = 500
    nesting: int = 100
    event_bytes: int = 1024 * 1024
    record_bytes: int = 1536 * 1024

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise AppError(f"Limits({field.name}=...) is {shorten(value)}: give a whole number from 0 upwards.")


def check_events(events: Iterable[ArvoEvent], limits: Limits) -> int:
    """Check events that travel together, as JSON, and return how many bytes they have.

    Raises:
        EventTooLargeViolation: If they are larger than `limits.event_bytes`.
    """
    sizes = {event: len(event.to_json_bytes()) for event in events}
    total = sum(sizes.values())
    if total > limits.event_bytes:
        largest = max(sizes, key=lambda event: sizes[event])
        others = f", {len(sizes) - 1} others included" if len(sizes) > 1 else ""
        raise EventTooLargeViolation(
            f"The event '{largest.id}' of type '{largest.type}' has {total:,} bytes{others}; the limit is "
            f"{limits.event_bytes:,} (Limits(event_bytes=)). {_CURE}"
        )
    return total


def check_fields(event: ArvoEvent) -> None:
    """Check the fields of an event that comes from outside.

    Raises:
        EventTooLargeViolation: If one is longer than `MAX_FIELD`.
    """
    for name in _BOUNDED_FIELDS:
        value = getattr(event, name)
        if value is not None and len(value) > MAX_FIELD:
            raise EventTooLargeViolation(
                f"The field '{name}' of this event has {len(value):,} characters, beginning with '{value[:60]}'; the "
                f"limit is {MAX_FIELD:,}. Put what is long into the data."
            )


def check_step(step: Step, limits: Limits) -> None:
    """Check what a step leaves: the record, and each event that it has produced.

    What is told of a machine that threw is bounded by itself (`arvo.contracts.describe_error`): it is never refused.

    Raises:
        EventTooLargeViolation: If one of them is too large.
    """
    if step.error is not None:
        return
    record = step.record
    size = _size(record)
    if size > limits.record_bytes:
        events: Mapping[str, Any] = record["events"] if record else {}
        raise EventTooLargeViolation(
            f"The record after this step would have {size:,} bytes; the limit is {limits.record_bytes:,} "
            f"(Limits(record_bytes=)). The event consumed has {_size(events.get('consumed')):,}, those produced have "
            f"{_size(events.get('produced')):,}, the state has {_size(record and record.get('state')):,}. {_CURE}"
        )
    if size > limits.event_bytes:
        for event in step.events:
            check_events([event], limits)


def _size(value: Any) -> int:
    try:
        return len(to_json(value))
    except PydanticSerializationError:  # half of a surrogate pair, which JSON can escape and UTF-8 cannot hold
        return len(json.dumps(value))
