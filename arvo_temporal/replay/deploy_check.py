"""Checks an app's present code against many histories: those of a server's orchestrations, or those in files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

from google.protobuf.json_format import ParseError
from temporalio.client import Client, WorkflowExecution, WorkflowHistory
from temporalio.service import RPCError

from adapter.app import ArvoApp
from adapter.errors import EventFileError, OrchestrationNotFoundError
from adapter.temporal_errors import is_not_found
from arvo.wire import ORCHESTRATORS
from arvo_temporal.replay.check import RunCheck, check_run
from arvo_temporal.replay.runs import PAGE_SIZE, runs_of

_AT_ONCE = 4


def running_query(app: ArvoApp) -> str:
    """Return the visibility query for the running orchestrations of an app."""
    types = ", ".join(f"'{source}'" for source in sorted(app.orchestrators))
    return (
        f"ExecutionStatus = 'Running' AND WorkflowType IN ({types})" if types else f"WorkflowType = '{ORCHESTRATORS}'"
    )


async def checks_on_server(
    app: ArvoApp, client: Client, query: str, *, limit: int | None = None, all_runs: bool = False
) -> AsyncIterator[RunCheck]:
    """Check the orchestrations that a visibility query finds, a few at a time, and yield what each came to.

    Args:
        app: The app.
        client: A client of the server.
        query: The visibility query; what it finds besides orchestrations is left out.
        limit: The most executions to look at; None for all.
        all_runs: Also check the earlier runs of each orchestration, which workers replay no more, but
            `ArvoClient.history` does.
    """
    checking: set[asyncio.Task[list[RunCheck]]] = set()
    try:
        async for execution in client.list_workflows(query, limit=limit, page_size=PAGE_SIZE):
            if not execution.workflow_type.startswith(ORCHESTRATORS):
                continue
            if len(checking) >= _AT_ONCE:
                done, checking = await asyncio.wait(checking, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    for check in task.result():
                        yield check
            checking.add(asyncio.create_task(_check(app, client, execution, all_runs=all_runs)))
        for remaining in asyncio.as_completed(checking):
            for check in await remaining:
                yield check
    finally:
        for task in checking:
            task.cancel()


def history_from_file(file: Path) -> WorkflowHistory:
    """Read a history that the Temporal UI or `temporal workflow show --output json` has written.

    Raises:
        EventFileError: If the file holds none.
    """
    try:
        history = WorkflowHistory.from_json("", json.loads(file.read_text(encoding="utf-8")))
        started = history.events[0].workflow_execution_started_event_attributes
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, ParseError) as error:
        raise EventFileError(
            f"There is no history in '{file}': {error}. Write one with  temporal workflow show --output json "
            "--workflow-id ID , or download it in the Temporal UI."
        ) from error
    if not started.workflow_type.name.startswith(ORCHESTRATORS):
        raise EventFileError(
            f"The history in '{file}' is not that of an orchestration: its workflow type is "
            f"'{started.workflow_type.name}', not one that begins with '{ORCHESTRATORS}'."
        )
    return WorkflowHistory(started.workflow_id, history.events)


async def _check(app: ArvoApp, client: Client, execution: WorkflowExecution, *, all_runs: bool) -> list[RunCheck]:
    try:
        if all_runs:
            runs = await runs_of(client, execution.id)
        else:
            runs = [await client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()]
    except OrchestrationNotFoundError:  # deleted since it was listed
        return []
    except RPCError as error:
        if not is_not_found(error):
            raise
        return []
    return [await check_run(app, run, client) for run in runs]
