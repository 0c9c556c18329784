"""Time travel: the record of an orchestration after each of its steps, rebuilt from Temporal's history."""

from __future__ import annotations

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from adapter.app import ArvoApp
from adapter.errors import HistoryDiffersError
from adapter.observation import HistoryEntry, ObservingInterceptor
from adapter.plugin import ArvoPlugin
from adapter.runs import runs_of


async def replayed_steps(client: Client, app: ArvoApp, workflow_id: str) -> list[HistoryEntry]:
    """Return every step of an orchestration, oldest first, over all runs of its workflow that the server has.

    The histories are replayed here, in this process, by the app's machines: no worker takes part, and nothing is sent.

    Raises:
        OrchestrationNotFoundError: If the server knows no such orchestration.
        HistoryDiffersError: If the app's code does not do what the history says was done.
    """
    steps: list[HistoryEntry] = []
    for run in await runs_of(client, workflow_id):
        taken, failure = await replay(client, app, run)
        if failure is not None:
            raise HistoryDiffersError(
                f"The history of '{workflow_id}' cannot be replayed: this app's code does not do what was done then. "
                f"Use the code that ran, or see  arvo-temporal check-deploy  for what differs. {failure}",
                workflow_id=workflow_id,
            ) from failure
        steps += taken
    return steps


async def replay(client: Client, app: ArvoApp, run: WorkflowHistory) -> tuple[list[HistoryEntry], Exception | None]:
    """Replay one run of an orchestration; return its steps, and why the replay failed, if it did."""
    steps: list[HistoryEntry] = []
    replayer = Replayer(
        workflows=[],
        plugins=[ArvoPlugin(app)],
        interceptors=[ObservingInterceptor(steps.append)],
        namespace=client.namespace,
        data_converter=client.data_converter,
    )
    result = await replayer.replay_workflow(run, raise_on_replay_failure=False)
    return steps, result.replay_failure
