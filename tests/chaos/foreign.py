"""The worker of another team, which answers riddles, or with garbage: `python -m tests.chaos.foreign`.

It is a plain Temporal worker: it has nothing of `arvo_temporal`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import Worker

from arvo import ArvoEvent
from tests.chaos.notes import GARBAGE, note, note_received, notes
from tests.chaos.questions import ASKED, FOREIGN_TASK_QUEUE, create_oracle

_SHARE = 0.3
"""Share of its answers that are garbage, once each kind has been given."""


def _payload(data: bytes, encoding: bytes = b"json/plain") -> Payload:
    return Payload(metadata={"encoding": encoding}, data=data)


KINDS = (
    _payload(b"null"),
    _payload(b"5"),
    _payload(b'{"a": 1}'),
    _payload(b'["x"]'),
    _payload(b'[{"no": "event"}]'),
    _payload(b"[[[[["),
    _payload(b"\xff\x00"),
    _payload(b"x", b"binary/foreign"),
    Payload(),
)
"""What is no answer."""

_oracle = create_oracle()


@activity.defn(name=ASKED)
async def answer(request: RawValue) -> RawValue:
    """Answer a riddle, or not."""
    event = ArvoEvent.from_json(request.payload.data)
    given = len(notes(GARBAGE))
    if given < len(KINDS) or random.random() < _SHARE:
        note(GARBAGE, f"{event.id} {given % len(KINDS)}")
        return RawValue(KINDS[given % len(KINDS)])
    events = (await _oracle.execute(event)).events
    note_received(event)
    return RawValue(_payload(json.dumps([answer.to_json() for answer in events]).encode()))


async def main() -> None:
    """Run the worker until it is killed."""
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"])
    async with Worker(client, task_queue=FOREIGN_TASK_QUEUE, activities=[answer]):
        print(f"The task queue is {FOREIGN_TASK_QUEUE}.", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
