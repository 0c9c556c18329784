"""What a running or closed orchestration can be asked, and how long an answer may take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from pydantic import BaseModel, ConfigDict
from temporalio.client import Client

from adapter.ledger import Fate, LedgerEntry
from adapter.resolution import OpenRequest
from adapter.troubles import Trouble
from adapter.view import OrchestrationView
from arvo.orchestration import OrchestrationRecord, explained

_ANSWER_WITHIN = timedelta(seconds=15)
"""Longer than a worker that has gone keeps its workflow task: ten seconds, and no question is answered before."""


class LedgerSnapshot(BaseModel):
    """The fates of an orchestration's events, as they were when it was asked.

    Attributes:
        counts: How often each fate came up; one that never did is not there.
        entries: The newest deliveries, oldest first.
    """

    model_config = ConfigDict(frozen=True)

    counts: Mapping[Fate, int]
    entries: tuple[LedgerEntry, ...]


async def query_record(client: Client, workflow_id: str) -> OrchestrationRecord | None:
    """Ask for the present record; None before the first step.

    Raises:
        RPCError: No worker answers, or the server knows no such orchestration.
    """
    record = await _query(client, workflow_id, "record")
    return cast("OrchestrationRecord", explained(record)) if isinstance(record, dict) else record


async def query_ledger(client: Client, workflow_id: str) -> LedgerSnapshot:
    """Ask for the fates of the newest events.

    Raises:
        RPCError: As `query_record` does.
    """
    return LedgerSnapshot.model_validate(await _query(client, workflow_id, "ledger"))


async def query_view(client: Client, workflow_id: str) -> OrchestrationView:
    """Ask for what an orchestration tells of itself.

    Raises:
        RPCError: As `query_record` does.
    """
    return OrchestrationView.model_validate(await _query(client, workflow_id, "view"))


async def query_requests(client: Client, workflow_id: str) -> list[OpenRequest]:
    """Ask for the requests that are open or have failed.

    Raises:
        RPCError: As `query_record` does.
    """
    answer = await _query(client, workflow_id, "requests")
    return [OpenRequest.model_validate(request) for request in answer]


async def query_troubles(client: Client, workflow_id: str) -> list[Trouble]:
    """Ask for the present troubles.

    Raises:
        RPCError: As `query_record` does.
    """
    answer = await _query(client, workflow_id, "troubles")
    return [Trouble.model_validate(trouble) for trouble in answer]


async def _query(client: Client, workflow_id: str, name: str) -> Any:
    return await client.get_workflow_handle(workflow_id).query(name, rpc_timeout=_ANSWER_WITHIN)
