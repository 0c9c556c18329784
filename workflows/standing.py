"""What a step has come to stands: the fate that the history says it has had, whatever the present code makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from adapter.app import AnyOrchestrator
from adapter.failures import refusal
from adapter.ledger import Fate
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from arvo.orchestration import MachineMemoryRecord, Step

_NOTHING = Step(None)


class Cause(NamedTuple):
    """What a step was made for.

    Attributes:
        event: The event that it consumes; for a delayed transition the one that was consumed last.
        id: The id of the event, or the name of the firing.
        type: The type of the event, or of the delayed transition's event.
        key: What names it: source and id of the event, or the name of the firing.
        given: What the machine takes: the event, or the delayed one.
    """

    event: ArvoEvent
    id: str
    type: str
    key: tuple[str, ...]
    given: ArvoEvent | Mapping[str, Any]


class Attempt(NamedTuple):
    """What the present code makes of a step."""

    fate: Fate
    step: Step = _NOTHING
    refusal: ArvoError | None = None


def attempt(work: Callable[[], Step]) -> Attempt:
    """Make a step, and tell which fate it comes to."""
    try:
        step = work()
    except ArvoError as error:
        return Attempt(Fate.REFUSED, refusal=error)
    if step.error is not None:
        return Attempt(Fate.FAILED, step)
    return Attempt(Fate.APPLIED if step.handled else Fate.UNHANDLED, step)


def difference_from_history(made: Attempt, stands: Fate | None) -> str | None:
    """Return why an orchestration cannot go on with the present code; None if it can.

    Args:
        made: What the present code makes of the step.
        stands: The fate that a mark in the history says it has had; None if it was applied.
    """
    if stands is not None or made.fate not in (Fate.REFUSED, Fate.FAILED):
        return None
    if made.refusal is not None:
        return (
            f"The history has consumed what the present code refuses: {made.refusal} Deploy the code that took it, "
            "and ship the stricter rule as a new version of the contract. Until then this orchestration waits, and "
            "loses nothing."
        )
    error = f"{type(made.step.error).__name__}: {made.step.error}"[:1024]
    return (
        f"The history has gone on where the present code raises {error}. Deploy code that does what was done. "
        "Until then this orchestration waits, and loses nothing."
    )


def uphold(
    made: Attempt, stands: Fate | None, orchestrator: AnyOrchestrator, record: MachineMemoryRecord | None, cause: Cause
) -> Attempt:
    """Return a step of a replay with the fate that it has had.

    Args:
        made: What the present code makes of it.
        stands: The fate that a mark says it has had; None if it was applied.
        orchestrator: The orchestrator.
        record: The record before the step.
        cause: What it was made for.
    """
    match stands:
        case None:
            return made._replace(fate=Fate.APPLIED)
        case made.fate:
            return made
        case Fate.REFUSED:
            reason = "It was refused when it arrived; the present code would take it. Redrive it."
            return Attempt(stands, refusal=refusal(reason))
        case Fate.FAILED:
            error = RuntimeError("It has failed when it was consumed; the present code would go on.")
            return Attempt(stands, orchestrator.fail(error, cause.event, record, cause.id))
    return Attempt(Fate.UNHANDLED, Step(_unchanged(record, cause)))


def last_consumed(record: MachineMemoryRecord) -> ArvoEvent:
    """Return the event that was consumed last."""
    consumed = record["events"]["consumed"]
    assert consumed is not None, "a step leaves what it has consumed, until the orchestration is closed"
    return ArvoEvent.from_json(consumed)


def _unchanged(record: MachineMemoryRecord | None, cause: Cause) -> MachineMemoryRecord | None:
    if record is None or "state" not in record:
        return record
    return {**record, "events": {"consumed": cause.event.to_json(), "produced": []}}
