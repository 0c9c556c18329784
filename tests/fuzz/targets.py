"""What is fuzzed: bytes from outside on the one hand, and what may come of them on the other."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from arvo import ArvoEvent, ArvoOrchestrationSubject, ViolationError, assign
from arvo.errors import MAX_MESSAGE, ArvoError, InvalidEventError, InvalidPayloadError, InvalidSubjectError
from arvo.statechart.errors import StatechartError
from arvo.wire.payload import PayloadSchema
from tests.arvo.counting import CONFIG, answer, count_orchestrator, start


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to fuzz.

    Attributes:
        run: Takes the bytes, and raises what must not happen.
        seeds: Bytes to begin with.
    """

    run: Callable[[bytes], None]
    seeds: Sequence[bytes]


class Colour(Enum):
    RED = "red"


class Leaf(BaseModel, extra="forbid"):
    kind: Literal["leaf"] = "leaf"
    weight: float = Field(ge=0)


class Tree(BaseModel):
    kind: Literal["tree"]
    children: list[Tree | Leaf] = []
    at: datetime | None = None
    price: Decimal | None = None
    id: UUID | None = None
    colour: Colour = Colour.RED
    by_name: dict[str, int] = {}
    pair: tuple[int, str] | None = None


TREE = PayloadSchema.of(Tree)
TREE_DATA = {
    "kind": "tree",
    "children": [{"kind": "tree", "pair": [1, "a"]}, {"weight": 1.0}],
    "at": "2026-01-01T00:00:00Z",
    "price": "1.10",
    "id": "00000000-0000-4000-8000-000000000000",
    "by_name": {"a": 1},
}


def read_event(data: bytes) -> None:
    """Whatever the bytes, they are an event that survives its own JSON, or a refusal."""
    try:
        event = ArvoEvent.from_json(data)
    except InvalidEventError as error:
        _check_message(error)
    else:
        assert ArvoEvent.from_json(event.to_json_bytes()) == event


def read_subject(data: bytes) -> None:
    """Whatever the text, it is a subject that can be made again, or a refusal."""
    for text in (data.decode("utf-8", "surrogateescape"), _compressed(data)):
        try:
            content = ArvoOrchestrationSubject.parse(text)
        except InvalidSubjectError as error:
            _check_message(error)
        else:
            assert ArvoOrchestrationSubject.parse(ArvoOrchestrationSubject.create(content)) == content


def read_payload(data: bytes) -> None:
    """Whatever the data, it fits, and then what is sent of it fits too, or it is refused."""
    with suppress(ValueError, RecursionError):
        document = json.loads(data)
        try:
            checked = TREE.validate(document)
        except InvalidPayloadError as error:
            _check_message(error)
        else:
            assert TREE.validate(checked) == checked


def read_record(data: bytes) -> None:
    """Whatever a memory holds, an event is consumed, refused, or fails with an error that says what is wrong."""
    with suppress(ValueError, RecursionError):
        patch = json.loads(data)
        if isinstance(patch, dict):
            for record in (patch, {**RECORD, **patch}, {**RECORD, "state": {**RECORD["state"], **patch}}):
                _step(record)


def _step(record: Any) -> None:
    try:
        error = ORCHESTRATOR.step(ANSWER, record).error
    except ViolationError as violation:
        _check_message(violation)
    else:
        if error is not None and not isinstance(error, ArvoError | StatechartError):
            raise error


def _check_message(error: ArvoError) -> None:
    assert len(str(error).encode()) <= 4 * MAX_MESSAGE


def _compressed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


# The machine of the tests, with callables that no context can make fail: what fails is not theirs then.
ORCHESTRATOR = count_orchestrator(
    {
        **CONFIG,
        "output": {"total": 1},
        "states": {
            "adding": {
                "on": {"evt.number.add.success": {"target": "checking", "actions": [assign({"total": 1})]}},
            },
            "checking": {
                "type": "parallel",
                "states": {
                    "one": {"initial": "a", "states": {"a": {}, "b": {"type": "history"}}},
                    "two": {"on": {"evt.number.add.success": {"target": "#count.done"}}},
                },
            },
            "done": {"type": "final"},
        },
    }
)
INIT = start()
ANSWER = answer(INIT, 1)
RECORD: Any = ORCHESTRATOR.step(INIT, None).record

TARGETS = {
    "event": Target(
        read_event, [INIT.to_json_bytes(), ANSWER.to_json_bytes(), b'{"id": "\\ud800", "executionunits": 1e400}']
    ),
    "subject": Target(
        read_subject,
        [INIT.subject.encode(), ArvoOrchestrationSubject.parse(INIT.subject).model_dump_json().encode()],
    ),
    "payload": Target(read_payload, [json.dumps(TREE_DATA).encode(), b'{"kind": "leaf", "weight": 1e2}']),
    "record": Target(
        read_record,
        [
            json.dumps(RECORD).encode(),
            json.dumps(RECORD["state"]).encode(),
            b'{"value": {"checking": {"one": "a", "two": {}}}, "historyValue": {"count.checking.one.b": []}}',
            b'{"status": "done", "output": 1, "context": {"a": [1]}, "executionStatus": "failure"}',
        ],
    ),
}
