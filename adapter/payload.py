"""Arvo events as Temporal payloads: the event's own JSON, nothing around it.

A person can paste an event into the Temporal UI or the `temporal` command line, and reads events there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from arvo.errors import InvalidEventError, shorten
from arvo.events import ArvoEvent
from arvo.wire import write_json

DELIVER_SIGNAL = "deliver"
"""The signal whose one argument is an event."""
DELIVER_ALL_SIGNAL = "deliver_all"
"""The signal whose arguments are an event each."""

_JSON = {"encoding": b"json/plain"}
_MARK = b"\0"
"""Begins a text that is no event; JSON has no such byte."""
_KNOWN = ("json/plain", "json/protobuf", "binary/null", "binary/plain", "binary/protobuf")
"""What Temporal's tools send by themselves; anything else is the work of a codec."""


def to_raw(event: ArvoEvent) -> RawValue:
    """Wrap an event as a payload of plain JSON, whatever the data converter of the client."""
    return RawValue(Payload(metadata=_JSON, data=event.to_json_bytes()))


def json_to_raw(value: Any) -> RawValue:
    """Wrap a value as a payload of plain JSON, whatever the data converter of the client."""
    return RawValue(Payload(metadata=_JSON, data=write_json(value)))


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
    if _is_json(encoding):
        return raw.payload.data
    raise InvalidEventError(_not_json(encoding))


def text_of(raw: RawValue) -> bytes:
    """Return a payload as a text that waits for its turn: its JSON, or what stands for it where it has none."""
    encoding, data = _encoding(raw), raw.payload.data
    if _is_json(encoding) and not data.startswith(_MARK):
        return data
    return unreadable(_not_json(encoding), data)


def unreadable(reason: str, data: bytes = b"") -> bytes:
    """Return what stands for the text of an event that is none, so that it can wait for its turn like one.

    Args:
        reason: What is wrong with it, as printable text.
        data: What has arrived.
    """
    return _MARK + reason.encode() + _MARK + data


def read_text(text: bytes) -> ArvoEvent:
    """Read an event from its text.

    Raises:
        InvalidEventError: It is none.
    """
    if text.startswith(_MARK):
        raise InvalidEventError(text.split(_MARK, 2)[1].decode())
    return ArvoEvent.from_json(text)


def shown(text: bytes) -> str:
    """Return what has arrived as people can read it."""
    data = text.split(_MARK, 2)[2] if text.startswith(_MARK) else text
    return data.decode(errors="replace")


def is_encoded(raw: RawValue) -> bool:
    """Tell whether a payload is still encoded by some codec: it is nothing that Temporal's tools send."""
    encoding = _encoding(raw)
    return bool(encoding) and encoding not in _KNOWN


def _encoding(raw: RawValue) -> str:
    return raw.payload.metadata.get("encoding", b"").decode(errors="replace")


def _is_json(encoding: str) -> bool:
    return encoding.startswith("json/")


@lru_cache(maxsize=16)
def _not_json(encoding: str) -> str:
    if _is_json(encoding):
        return "The payload is not JSON, whatever its encoding says. Send the event as its JSON object."
    return f"The payload's encoding is {shorten(encoding or 'absent')}, not JSON. Send the event as its JSON object."


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
