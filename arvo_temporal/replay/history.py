"""Time travel: the record of an orchestration after each of its steps, rebuilt from Temporal's history."""

from __future__ import annotations

from temporalio.client import Client

from adapter.app import ArvoApp
from adapter.errors import HistoryDiffersError
from adapter.observation import HistoryEntry
from arvo_temporal.replay.replaying import ReplayedRun, replay
from arvo_temporal.replay.runs import runs_of, worked_off
from arvo_temporal.replay.taken import with_transitions


async def replayed_steps(client: Client, app: ArvoApp, workflow_id: str) -> list[HistoryEntry]:
    """Return every step of an orchestration, oldest first, over all runs of its workflow that the server has.

    The histories are replayed here, in this process, by the app's machines: no worker takes part, and nothing is sent.

    Raises:
        OrchestrationNotFoundError: If the server knows no such orchestration.
        HistoryDiffersError: If the app's code does not do what the history says was done.
    """
    steps: list[HistoryEntry] = []
    for run in await runs_of(client, workflow_id):
        steps += checked(await replay(app, worked_off(run), client), workflow_id).steps
    return with_transitions(app, steps)


def checked(replayed: ReplayedRun, workflow_id: str) -> ReplayedRun:
    """Return a replayed run that did what its history says.

    Raises:
        HistoryDiffersError: It did not.
    """
    if replayed.failure is not None:
        raise HistoryDiffersError(
            f"The history of '{workflow_id}' cannot be replayed: this app's code does not do what was done then. "
            "Use the code that ran, or see  arvo-temporal check-deploy  for what differs. "
            f"{' '.join(replayed.failure.split())}",
            workflow_id=workflow_id,
        )
    return replayed
