"""How an orchestration comes to its end: closed by its own machine, or abandoned because its workflow is cancelled."""

from __future__ import annotations

from temporalio import workflow

from arvo.orchestration import MachineMemoryRecord
from workflows.instance import OrchestrationInstance


async def close(orchestration: OrchestrationInstance) -> MachineMemoryRecord:
    """Let everything that was produced leave, and return the result; what arrives meanwhile is late.

    Raises:
        ApplicationError: If the machine threw: the workflow shows as failed.
    """
    orchestration.timers.cancel_all()
    orchestration.turns.give_last()
    while not _nothing_is_open(orchestration):
        await workflow.wait_condition(lambda: bool(orchestration.inbox) or _nothing_is_open(orchestration))
        orchestration.turns.give_last()
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


def _nothing_is_open(orchestration: OrchestrationInstance) -> bool:
    return not orchestration.emission and not orchestration.dead_letters and workflow.all_handlers_finished()
