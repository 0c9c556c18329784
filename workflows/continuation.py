"""How an orchestration goes on in the next run of its workflow: when, and with what (continue-as-new)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn, cast

from temporalio import workflow

from adapter.memo import machine_memo, with_depth
from adapter.packing import LARGEST, pack, packed_length
from adapter.payload import events_to_json, to_raw
from arvo.events import ArvoEvent
from workflows.carried_state import CarriedState
from workflows.instance import OrchestrationInstance
from workflows.length import run_is_long
from workflows.nesting import depth

_INBOX_BYTES = 768 * 1024
"""How much of the inbox goes from run to run, packed, as the record is to fit as well."""
_UNPACKED_BYTES = 16 * 1024 * 1024
"""Of more than that it is not tried how small it becomes: that takes time, again and again."""
_CARRIED_BYTES = 1900 * 1024
"""How much goes from run to run in all: Temporal takes at most 2 MiB, with what a codec adds."""


def run_is_full(orchestration: OrchestrationInstance) -> bool:
    """Tell whether the workflow has to continue as new now.

    That is near the server's limits, when no sender waits, and when what waits is small enough to be carried.
    """
    inbox, steps = orchestration.inbox, orchestration.steps
    is_long = run_is_long(inbox, orchestration.limits, steps, orchestration.foresight)
    return is_long and workflow.all_handlers_finished() and _can_be_carried(orchestration)


def continue_as_new(orchestration: OrchestrationInstance) -> NoReturn:
    """End the run, and begin the next one with all that is open.

    Under Worker Versioning the next run begins on the build that is current then, and stays there.

    Raises:
        ContinueAsNewError: Always: that is how Temporal is told.
    """
    workflow.continue_as_new(
        args=[to_raw(orchestration.init), carried_state(orchestration).model_dump(mode="json")],
        memo=with_depth(machine_memo(orchestration.app, orchestration.init), depth()),
        initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
    )


def carried_state(orchestration: OrchestrationInstance) -> CarriedState:
    """Return what the next run needs."""
    return CarriedState(
        record=cast("dict[str, Any] | None", orchestration.steps.record),
        inbox=_packed_inbox(orchestration),
        consumed=orchestration.inbox.consumed(),
        unhandled=orchestration.inbox.unhandled(),
        resolved=orchestration.inbox.resolved.carry(),
        emissions=_packed(orchestration.emission.emissions()),
        children=_packed(orchestration.emission.children()),
        emission_marks=orchestration.emission.marks(of_children=False),
        child_marks=orchestration.emission.marks(of_children=True),
        failed=events_to_json(orchestration.failed.named(None)),
        timers=orchestration.timers.carry(),
        dead_letters=orchestration.dead_letters.carry(),
        ledger=list(orchestration.ledger.entries),
        counts=orchestration.ledger.counts,
        troubles=orchestration.troubles.kept(),
        older_troubles=orchestration.troubles.older(),
        steps=orchestration.steps.count,
        chronicle=orchestration.chronicle.carry(),
        **orchestration.steps.trace.headers._asdict(),
    )


def _can_be_carried(orchestration: OrchestrationInstance) -> bool:
    inbox, emission = orchestration.inbox, orchestration.emission
    if inbox.size > _UNPACKED_BYTES or not _can_be_packed(inbox.texts()):
        return False
    open_events = (*emission.emissions(), *emission.children())
    if not _can_be_packed(event.to_json_bytes() for event in open_events):
        return False
    if len(_packed_inbox(orchestration)) > _INBOX_BYTES:
        return False
    return len(carried_state(orchestration).model_dump_json()) <= _CARRIED_BYTES


def _can_be_packed(texts: Iterable[bytes]) -> bool:
    return sum(map(packed_length, texts)) <= LARGEST


def _packed_inbox(orchestration: OrchestrationInstance) -> str:
    return pack(orchestration.inbox.texts())


def _packed(events: Iterable[ArvoEvent]) -> str:
    return pack(event.to_json_bytes() for event in events)
