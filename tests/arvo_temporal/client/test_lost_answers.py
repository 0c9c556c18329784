"""An update that a run has taken, and whose answer is lost, is sent again as the same one: it is done once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowUpdateInput,
    StartWorkflowUpdateWithStartInput,
    WorkflowUpdateHandle,
)
from temporalio.service import RPCError, RPCStatusCode

from arvo_temporal import ArvoClient
from tests.apps import counted, counter_app, start_count
from tests.conftest import Serve
from tests.downtime import SUCCESS, down
from tests.errands import COURIER, errand
from tests.polling import eventually


class LosesAnswers(Interceptor):
    """Loses the first answer to each update, as where a workflow task fails just then."""

    def __init__(self) -> None:
        self.ids: list[str | None] = []

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _Losing(self.ids, next)


class _Losing(OutboundInterceptor):
    def __init__(self, ids: list[str | None], next: OutboundInterceptor) -> None:
        super().__init__(next)
        self._ids = ids

    async def start_workflow_update(self, input: StartWorkflowUpdateInput) -> WorkflowUpdateHandle[Any]:
        return self._lost_once(input.update_id, await super().start_workflow_update(input))

    async def start_update_with_start_workflow(
        self, input: StartWorkflowUpdateWithStartInput
    ) -> WorkflowUpdateHandle[Any]:
        handle = await super().start_update_with_start_workflow(input)
        return self._lost_once(input.update_workflow_input.update_id, handle)

    def _lost_once(self, update_id: str | None, handle: WorkflowUpdateHandle[Any]) -> WorkflowUpdateHandle[Any]:
        self._ids.append(update_id)
        if self._ids.count(update_id) == 1:
            raise RPCError("workflow update was aborted", RPCStatusCode.FAILED_PRECONDITION, b"")
        return handle


def losing(client: ArvoClient) -> tuple[ArvoClient, LosesAnswers]:
    loses = LosesAnswers()
    config = client.client.config()
    config["interceptors"] = [*config["interceptors"], loses]
    return ArvoClient(Client(**config), client.app), loses


async def standings(client: ArvoClient, subject: str) -> list[str]:
    return [request.standing for request in await client.requests(subject)]


async def test_what_is_dismissed_is_told_although_the_first_answer_was_lost(serve: Serve) -> None:
    init = start_count(goal=9)
    async with serve(counter_app()) as client:
        await client.execute(init)
        await client.deliver(replace(counted(init.subject), data={"by": "one"}))
        await eventually(lambda: client.troubles(init.subject), bool)
        unlucky, loses = losing(client)
        (over,) = await unlucky.dismiss(init.subject)
        assert over.kind == "refused"
        assert len(loses.ids) == 2


async def test_events_are_applied_although_the_first_answer_was_lost(serve: Serve) -> None:
    init = start_count(goal=9)
    async with serve(counter_app()) as client:
        unlucky, loses = losing(client)
        for event in (init, counted(init.subject)):
            assert (await unlucky.execute(event)).fate == "applied"
        assert len(loses.ids) == 4
        assert (await client.ledger(init.subject)).counts == {"applied": 2}


async def test_requests_are_sent_again_and_answered_once_although_the_first_answer_was_lost(serve: Serve) -> None:
    init = errand()
    async with serve(down(on={SUCCESS: {"target": "over", "actions": "note"}})) as client:
        await client.deliver(init)
        await eventually(partial(standings, client, init.subject), ["failed"].__eq__)
        unlucky, loses = losing(client)
        (again,) = await unlucky.retry(init.subject)
        assert again.type == COURIER
        await eventually(partial(standings, client, init.subject), ["failed"].__eq__)
        assert (await unlucky.resolve(init.subject, SUCCESS, {"text": "by hand"})).fate == "applied"
        assert len(loses.ids) == 4
