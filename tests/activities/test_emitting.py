"""Events that leave an orchestration by activities: what a later try makes of what an earlier one has done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from temporalio.client import Client, Interceptor, OutboundInterceptor, SignalWorkflowInput
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from arvo import ArvoEvent
from arvo_temporal import ArvoClient, ArvoPlugin, EmissionPolicy, Fate, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import TWICE, counted, start_count, supervise, supervisor_app


@pytest.mark.parametrize(
    ("already_over", "fates"),
    [(False, {Fate.APPLIED: 2}), (True, {Fate.APPLIED: 2, Fate.LATE: 1})],
    ids=["it was consumed", "it was late"],
)
async def test_a_delivery_whose_first_try_reached_an_orchestration_closed_since(
    server: DevServer, already_over: bool, fates: dict[Fate, int]
) -> None:
    """It has succeeded if the event was consumed; else a report comes back, which finds its own machine closed.

    The counts were started by hand, so their answers are delivered: the first one ends the machine of the supervisor,
    whose workflow then waits for a child of its own.
    """
    parent, app = supervise(goal=1), supervisor_app()
    first, last = (start_count(goal=1, parent=parent.subject) for _ in range(2))
    app.task_queue, app.policies["arvo.orc.supervisor"] = f"arvo-{uuid4()}", EmissionPolicy(retry=TWICE)
    sender = ArvoClient(await Client.connect(server.address), app)

    async def close_parent() -> None:
        await sender.execute(counted(child, 2))
        await sender.result(parent.subject)

    lossy = LosesAnswer(workflow_id(parent.subject), passing=int(already_over), meanwhile=close_parent)
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)], interceptors=[lossy])
    async with Worker(client, task_queue=app.task_queue):
        child = (await sender.execute(parent)).events[0].subject
        for init in [first, last] if already_over else [last]:
            await complete(sender, init)
        ledger = await sender.ledger(last.subject)
        record = await sender.result(parent.subject)
    assert lossy.lost
    assert record["state"]["output"] == {"text": "total 1"}
    assert ledger.counts == fates


async def complete(client: ArvoClient, init: ArvoEvent) -> None:
    await client.execute(init)
    await client.execute(counted(init.subject))
    await client.result(init.subject)


class LosesAnswer(Interceptor):
    """Reports a signal to a workflow as failed, once, though the server has it.

    Args:
        identity: The workflow.
        passing: How many signals to it go well before.
        meanwhile: What happens until the sender hears of the failure.
    """

    def __init__(self, identity: str, *, passing: int, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.identity = identity
        self.passing = passing
        self.meanwhile = meanwhile
        self.lost = False

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _Lossy(self, next)

    async def signalled(self) -> None:
        """Let what was signalled pass, or lose the answer."""
        if self.lost or self.passing:
            self.passing -= 1
            return
        self.lost = True
        await self.meanwhile()
        raise RPCError("the connection is lost", RPCStatusCode.UNAVAILABLE, b"")


class _Lossy(OutboundInterceptor):
    def __init__(self, plan: LosesAnswer, next: OutboundInterceptor) -> None:
        super().__init__(next)
        self._plan = plan

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:
        await super().signal_workflow(input)
        if input.id == self._plan.identity:
            await self._plan.signalled()
