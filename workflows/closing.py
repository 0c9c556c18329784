"""How an orchestration comes to its end: closed by its own machine, or abandoned because its workflow is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from temporalio import workflow

from adapter.observation import sleep
from arvo.orchestration import MachineMemoryRecord
from workflows.instance import OrchestrationInstance
from workflows.outbox import hand_over

_GRACE = 0.5
"""Seconds for what is on its way when the machine is done: most of it has left in that time."""
_MARK = "ends"
"""Stands in the history where an orchestration ends and something is open: what follows takes other workflow tasks."""


async def close(orchestration: OrchestrationInstance) -> MachineMemoryRecord:
    """End at once, and return the result: what has not left by itself is handed over; what arrives meanwhile is late.

    Raises:
        ApplicationError: If the machine threw: the workflow shows as failed.
    """
    orchestration.timers.cancel_all()
    orchestration.emission.hold_back()
    orchestration.turns.give_last()
    if orchestration.emission.is_open() or orchestration.dead_letters:
        await _let_leave(orchestration)
    await _wait(orchestration, workflow.all_handlers_finished)
    ending = orchestration.steps.ending
    assert ending is not None, "the machine has closed it"
    return ending.to_result(nested=orchestration.parent is not None)


async def abandon(orchestration: OrchestrationInstance) -> None:
    """End without a completion, because the workflow was cancelled: what waits, and what arrives, is late."""
    orchestration.steps.closed = True
    orchestration.timers.cancel_all()
    orchestration.turns.give_last()
    await orchestration.emission.end_children()
    orchestration.turns.give_last()


async def give_up(orchestration: OrchestrationInstance) -> None:
    """Answer whoever waits, before the workflow fails: its init event was refused, or its machine threw."""
    orchestration.steps.closed = True
    await _wait(orchestration, workflow.all_handlers_finished)


async def _let_leave(orchestration: OrchestrationInstance) -> None:
    """Let what is on its way leave for a little while, and hand over what has not left by then.

    Raises:
        NondeterminismError: A replay comes to an end that the history has not.
    """
    emission, dead_letters = orchestration.emission, orchestration.dead_letters
    if orchestration.steps.marks.place(_MARK) is False:
        raise workflow.NondeterminismError(
            f"This orchestration ends with the present code at step {orchestration.steps.count} "
            f"({orchestration.steps.last_type}), where the history has gone on. Deploy code that does what was done. "
            "Until then this orchestration waits, and loses nothing."
        )
    grace = asyncio.create_task(sleep(_GRACE, "what is on its way may leave"))
    await _wait(orchestration, lambda: grace.done() or not (emission.is_leaving() or dead_letters))
    grace.cancel()
    # The server drops the start of a child whose parent is closed.
    await _wait(orchestration, lambda: not emission.is_starting_a_child())
    await hand_over(orchestration.init.subject, orchestration.limits, emission.emissions(), dead_letters.carry())


async def _wait(orchestration: OrchestrationInstance, is_over: Callable[[], bool]) -> None:
    """Wait until something is over, and tell what arrives meanwhile that it is late."""
    orchestration.turns.give_last()
    while not is_over():
        await workflow.wait_condition(lambda: bool(orchestration.inbox) or is_over())
        orchestration.turns.give_last()
