"""What an orchestration has left to send when it ends: handed over to workflows of its own, its outboxes.

Whoever waits for the orchestration hears of its end at once, and what it has produced still leaves at least once. Where
nothing is left, nothing is started.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError

from adapter.dead_letters import DeadLetter
from adapter.identity import outbox_id
from adapter.limits import Limits
from adapter.memo import outbox_memo
from adapter.names import OUTBOX
from adapter.payload import json_to_raw
from adapter.search_attributes import outbox_attributes
from adapter.summaries import summary_of_outbox
from arvo.events import ArvoEvent
from workflows.nesting import depth

_BYTES = 1024 * 1024
"""How much goes into one outbox, one event at least: Temporal starts a workflow with at most 2 MiB."""

T = TypeVar("T")


class OutboxContents(BaseModel):
    """What an outbox begins with.

    Attributes:
        subject: The subject of the orchestration that has ended.
        events: The produced events to be sent, in order.
        dead_letters: The refused deliveries that have not reached the app's dead-letter publisher.
        failed: The events that could not be sent by an earlier run of the outbox.
    """

    subject: str
    events: list[dict[str, Any]] = []
    dead_letters: list[DeadLetter] = []
    failed: list[dict[str, Any]] = []


async def hand_over(
    subject: str, limits: Limits, events: Sequence[ArvoEvent], dead_letters: Sequence[DeadLetter]
) -> None:
    """Start the outboxes of an orchestration that ends, and return when the server has started them.

    Args:
        subject: The subject of the orchestration.
        limits: The limits of its run.
        events: What it has left to send.
        dead_letters: Likewise.
    """
    for number, contents in enumerate(_contents(subject, events, dead_letters), 1):
        try:
            await _start(contents, str(number), limits)
        except WorkflowAlreadyStartedError:  # by a run that was reset since
            await _start(contents, f"{number}-{workflow.uuid4().hex[:8]}", limits)


async def _start(contents: OutboxContents, number: str, limits: Limits) -> None:
    info = workflow.info()
    await workflow.start_child_workflow(
        OUTBOX,
        json_to_raw(contents.model_dump(mode="json")),
        id=outbox_id(info.workflow_id, number),
        parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        static_summary=summary_of_outbox(info.workflow_type),
        memo=outbox_memo(limits, depth()),
        search_attributes=outbox_attributes(info.workflow_id, info.typed_search_attributes),
    )


def _contents(
    subject: str, events: Sequence[ArvoEvent], dead_letters: Sequence[DeadLetter]
) -> Iterator[OutboxContents]:
    for batch in _batches(events, lambda event: len(event.to_json_bytes())):
        yield OutboxContents(subject=subject, events=[event.to_json() for event in batch])
    for letters in _batches(dead_letters, lambda letter: len(letter.model_dump_json())):
        yield OutboxContents(subject=subject, dead_letters=letters)


def _batches(items: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    batch: list[T] = []
    room = _BYTES
    for item in items:
        room -= size(item)
        if batch and room < 0:
            yield batch
            batch, room = [], _BYTES - size(item)
        batch.append(item)
    if batch:
        yield batch
