"""Ids of events, and ids that say what an event is a repetition of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypedDict

from arvo.surroundings import current
from arvo.wire import CompressionError, compress_json, decompress_json


class EventIdSpec(TypedDict):
    """How the id of a new event is made.

    Attributes:
        deduplication: `DEVELOPER_MANAGED`: the value itself is the id. `ARVO_MANAGED`: the id carries the value
            and is unique all the same.
        value: What identifies the event in the sender's own terms; blank means none.
    """

    deduplication: Literal["DEVELOPER_MANAGED", "ARVO_MANAGED"]
    value: str


class ArvoEventId(NamedTuple):
    """What an `ARVO_MANAGED` id carries."""

    uuid: str
    value: str


def create_arvo_event_id(spec: str | EventIdSpec | Mapping[str, Any] | None = None) -> str:
    """Return the id for a new event: a given text as it is, otherwise as the spec says, otherwise a fresh UUID."""
    if spec is None:
        return current().new_id()
    if isinstance(spec, str):
        return spec
    value = spec.get("value")
    if not isinstance(value, str) or not value.strip():
        return current().new_id()
    if spec["deduplication"] == "DEVELOPER_MANAGED":
        return value.strip()
    if spec["deduplication"] == "ARVO_MANAGED":
        return compress_json({"uuid": current().new_id(), "value": value.strip()})
    return current().new_id()


def parse_arvo_event_id(event_id: str) -> ArvoEventId | None:
    """Return what an `ARVO_MANAGED` id carries; None for every other id."""
    try:
        content = decompress_json(event_id)
    except CompressionError:
        return None
    if not isinstance(content, dict):
        return None
    uuid, value = content.get("uuid"), content.get("value")
    return ArvoEventId(uuid, value) if isinstance(uuid, str) and isinstance(value, str) else None
