"""The answer to a request: what came back for an event that was emitted, read as events.

Whoever answers, a handler of this app or of another one, or a person who completes an activity by hand, may answer
anything.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from adapter.endings import invalid_answer
from adapter.payload import json_of
from arvo.errors import ArvoError, InvalidEventError, shorten
from arvo.events import ArvoEvent
from arvo.surroundings import deterministic_ids
from arvo.wire import JsonError, JsonObject, build_dataschema, parse_dataschema, read_json, system_error_type


def read_answer(raw: RawValue, request: ArvoEvent, subject: str) -> list[ArvoEvent]:
    """Return the events of an answer; they need not say what the request already says.

    Args:
        raw: The answer.
        request: The event that it answers.
        subject: The subject of events that name none.

    Raises:
        ApplicationError: It is no list of events.
    """
    try:
        items = read_json(json_of(raw))
        if not isinstance(items, list):
            raise InvalidEventError(f"It is {shorten(items)}, not a list of events; an empty list is no answer.")
        return [_read(item, request, subject, position) for position, item in enumerate(items)]
    except (ArvoError, JsonError) as error:
        raise invalid_answer(f"The answer to '{request.type}' cannot be read. {error}") from error


def answer_from_json(said: JsonObject, request: ArvoEvent, subject: str, position: int = 0) -> ArvoEvent:
    """Return an event of an answer.

    Args:
        said: Its fields, as far as the request does not say them.
        request: The event that it answers.
        subject: Its subject, where it names none.
        position: Where it stands in the answer.

    Raises:
        InvalidEventError: A field breaks its rule.
    """
    return ArvoEvent.from_json({**_said_by(request, subject, str(position), said.get("type")), **said})


def _read(item: Any, request: ArvoEvent, subject: str, position: int) -> ArvoEvent:
    if not isinstance(item, dict):
        raise InvalidEventError(f"Item {position} of it is {shorten(item)}, not an event.")
    return answer_from_json(item, request, subject, position)


def _said_by(request: ArvoEvent, subject: str, position: str, type_: Any) -> JsonObject:
    """Return the fields of an answer as the request has them already."""
    schema = parse_dataschema(request.dataschema)
    is_error = schema is not None and type_ == system_error_type(request.type)
    return {
        "id": deterministic_ids(subject, request.source, request.id, "answer", position)(),
        "source": request.to or request.type,
        "specversion": "1.0",
        "subject": subject,
        "dataschema": build_dataschema(schema.uri) if schema and is_error else request.dataschema,
        "time": workflow.now().isoformat(),
        "to": request.redirectto or request.source,
        "accesscontrol": request.accesscontrol,
        "traceparent": request.traceparent,
        "tracestate": request.tracestate,
        "parentid": request.id,
    }
