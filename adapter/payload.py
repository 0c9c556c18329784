"""Arvo events as Temporal payloads: the event's own JSON, nothing around it.

A person can paste an event into the Temporal UI or the `temporal` command line, and reads events there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from arvo.errors import InvalidEventError
from arvo.events import ArvoEvent

DELIVER_SIGNAL = "deliver"
"""The signal whose one argument is an event."""
DELIVER_ALL_SIGNAL = "deliver_all"
"""The signal whose arguments are an event each."""

_JSON = {"encoding": b"json/plain"}
_KNOWN = ("json/plain", "json/protobuf", "binary/null", "binary/plain", "binary/protobuf")
"""What Temporal's tools send by themselves; anything else is the work of a codec."""


def to_raw(event: ArvoEvent) -> RawValue:
    """Wrap an event as a payload of plain JSON, whatever the data converter of the client."""
    return RawValue(Payload(metadata=_JSON, data=event.to_json_bytes()))


def from_raw(raw: RawValue) -> ArvoEvent:
    """Read an event from a payload.

    Raises:
        InvalidEventError: If the payload is not JSON, or the JSON is not an ArvoEvent.
    """
    return ArvoEvent.from_json(json_of(raw))


def json_of(raw: RawValue) -> bytes:
    """Return the JSON of a payload, which is not read yet.

    Raises:
        InvalidEventError: If the payload has another encoding.
    """
    encoding = _encoding(raw)
    if encoding.startswith("json/"):
        return raw.payload.data
    raise InvalidEventError(
        f"The payload's encoding is '{encoding or 'absent'}', not JSON. Send the event as its JSON object, through the "
        "codec of the app, ArvoApp(codec=...), where it has one."
    )


def is_encoded(raw: RawValue) -> bool:
    """Tell whether a payload is still encoded by some codec: it is nothing that Temporal's tools send."""
    encoding = _encoding(raw)
    return bool(encoding) and encoding not in _KNOWN


def _encoding(raw: RawValue) -> str:
    return raw.payload.metadata.get("encoding", b"").decode(errors="replace")


def to_event(event: ArvoEvent | Mapping[str, Any] | str | bytes) -> ArvoEvent:
    """Return an event as it is, or read it from its JSON.

    Raises:
        InvalidEventError: If it is not an ArvoEvent.
    """
    return event if isinstance(event, ArvoEvent) else ArvoEvent.from_json(event)


def events_to_json(events: Iterable[ArvoEvent]) -> list[dict[str, Any]]:
    """Return events as a list of their JSON objects."""
    return [event.to_json() for event in events]


def events_from_json(items: Iterable[Mapping[str, Any]]) -> list[ArvoEvent]:
    """Read events from a list of their JSON objects."""
    return [ArvoEvent.from_json(item) for item in items]
