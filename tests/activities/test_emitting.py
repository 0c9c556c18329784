"""Events that leave an orchestration by activities: what a later try makes of what an earlier one has done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

from temporalio.client import Client, Interceptor, OutboundInterceptor, SignalWorkflowInput
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from arvo import ArvoEvent
from arvo_temporal import ArvoClient, ArvoPlugin, EmissionPolicy, Fate, workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.apps import TWICE, counted, start_count, supervise
from tests.resumables import Kind, as_machine_and_function, output_of, supervisor_app


@as_machine_and_function
async def test_a_delivery_whose_first_try_reached_an_orchestration_closed_since(server: DevServer, kind: Kind) -> None:
    """It has succeeded, as the event was consumed: no report comes back.

    The count was started by hand, so its answer is delivered: it ends the supervisor.
    """
    parent, app = supervise(goal=1), supervisor_app(kind=kind)
    init = start_count(goal=1, parent=parent.subject)
    app.task_queue, app.policies["arvo.orc.supervisor"] = f"arvo-{uuid4()}", EmissionPolicy(retry=TWICE)
    sender = ArvoClient(await Client.connect(server.address), app)

    async def parent_closes() -> None:
        await sender.result(parent.subject)

    lossy = LosesAnswer(workflow_id(parent.subject), meanwhile=parent_closes)
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)], interceptors=[lossy])
    async with Worker(client, task_queue=app.task_queue):
        await sender.execute(parent)
        await complete(sender, init)
        ledger = await sender.ledger(init.subject)
        record = await sender.result(parent.subject)
    assert lossy.lost
    assert output_of(record) == {"text": "total 1"}
    assert ledger.counts == {Fate.APPLIED: 2}


async def complete(client: ArvoClient, init: ArvoEvent) -> None:
    await client.execute(init)
    await client.execute(counted(init.subject))
    await client.result(init.subject)


class LosesAnswer(Interceptor):
    """Reports a signal to a workflow as failed, once, though the server has it.

    Args:
        identity: The workflow.
        meanwhile: What happens until the sender hears of the failure.
    """

    def __init__(self, identity: str, *, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.identity = identity
        self.meanwhile = meanwhile
        self.lost = False

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _Lossy(self, next)

    async def signalled(self) -> None:
        """Lose the answer to the first signal, and let the others pass."""
        if self.lost:
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
