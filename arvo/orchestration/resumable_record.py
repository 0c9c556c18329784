"""The record of a resumable: its context, and the answers that have come to what it has sent last."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, NotRequired, TypedDict

from arvo.errors import ExecutionViolation, shorten
from arvo.events import ArvoEvent
from arvo.orchestration.memory import RecordedError, stored_object
from arvo.wire import JsonObject


class ResumableEvents(TypedDict):
    """Events of the last step, and the answers that are awaited, as Arvo JSON.

    Attributes:
        consumed: The event consumed last.
        expected: By the id of each event that was sent last, the answers that have come to it.
        produced: The events produced last.
    """

    consumed: JsonObject | None
    expected: dict[str, list[JsonObject]] | None
    produced: list[JsonObject]


_State = TypedDict("_State", {"state$$": NotRequired[JsonObject | None]})


class ResumableRecord(_State):
    """State of one resumable: plain JSON with Arvo's keys, shared with the TypeScript packages.

    After a failure a record consists of exactly `executionStatus`, `subject` and `error`.

    Attributes:
        executionStatus: `failure` once the function has raised; such an orchestration ignores all events.
        subject: Subject of the orchestration; the key of the record.
        status: `done` once there is an output.
        parentSubject: Subject of the orchestration that started this one; None for a root.
        initEventId: Id of the event that started the orchestration; `parentid` of its completion.
        events: Events of the last step, and answers awaited.
        state$$: The context that the function returned last.
        error: What the function raised.
    """

    executionStatus: Literal["normal", "failure"]
    subject: str
    status: NotRequired[Literal["active", "done"]]
    parentSubject: NotRequired[str | None]
    initEventId: NotRequired[str]
    events: NotRequired[ResumableEvents]
    error: NotRequired[RecordedError]


def context_of(record: ResumableRecord | None) -> JsonObject | None:
    """Return the context that the function has returned last; None before that."""
    return None if record is None else record.get("state$$")


def expected_of(record: ResumableRecord | None) -> dict[str, list[JsonObject]] | None:
    """Return the answers that have come, by the id of the event that they answer; None where none was sent.

    Raises:
        ExecutionViolation: The record is damaged.
    """
    if record is None:
        return None
    expected = stored_object(record, "events").get("expected")
    if expected is None or (isinstance(expected, dict) and all(isinstance(some, list) for some in expected.values())):
        return expected
    raise ExecutionViolation(
        f"The stored record of subject {shorten(record.get('subject'))} does not fit: its 'events.expected' must map "
        f"ids to lists of events. To fix: restore the record."
    )


def with_answer(event: ArvoEvent, record: ResumableRecord) -> ResumableRecord:
    """Return a record with an event among the answers, if it answers what was sent last."""
    expected = expected_of(record)
    if event.parentid is None or not expected or event.parentid not in expected:
        return record
    answers = [*expected[event.parentid], event.to_json()]
    return {**record, "events": {**record["events"], "expected": {**expected, event.parentid: answers}}}


def collected_events(record: ResumableRecord | None) -> dict[str, list[ArvoEvent]]:
    """Return all answers that have come to what was sent last, by type."""
    collected: dict[str, list[ArvoEvent]] = {}
    for answers in (expected_of(record) or {}).values():
        for answer in map(ArvoEvent.from_json, answers):
            collected.setdefault(answer.type, []).append(answer)
    return collected


def needed_for_call(record: ResumableRecord | None, arguments: Collection[str]) -> dict[str, Any] | None:
    """Return what of a record a call of the function needs that takes these arguments: of the rest, nothing.

    Args:
        record: The record; None before the first step.
        arguments: What the function takes, by name.
    """
    if record is None or "metadata" in arguments:
        return None if record is None else {**record}
    events: Mapping[str, Any] = record.get("events") or {}
    expected = events.get("expected") if "collected_events" in arguments else None
    needed: dict[str, Any] = {**record, "events": {"consumed": None, "expected": expected, "produced": []}}
    if "context" not in arguments:
        needed.pop("state$$", None)
    return needed
