"""Plain workflows of a user that run orchestrations, in a module that the sandbox imports for each run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError, WorkflowAlreadyStartedError

import arvo_temporal
from arvo import ArvoEvent, create_arvo_event_factory, create_arvo_orchestrator_event_factory
from arvo_temporal.workflow import deliver, execute_orchestration, start_orchestration
from tests.apps import asker_contract, counter_contract, tally_contract


def question(text: str) -> ArvoEvent:
    return create_arvo_orchestrator_event_factory(asker_contract.version("1.0.0")).init(
        source="com.test.plain", data={"parentSubject$$": None, "text": text, "domain": None}
    )


def count(goal: int, key: str | None = None) -> ArvoEvent:
    return create_arvo_orchestrator_event_factory(counter_contract.version("1.0.0")).init(
        source="com.test.plain", data={"parentSubject$$": None, "goal": goal}, execution_id=key
    )


def counted(subject: str, by: int) -> ArvoEvent:
    return create_arvo_event_factory(tally_contract.version("1.0.0")).emits(
        type="evt.tally.counted", source="com.tally.ask", subject=subject, to="arvo.orc.counter", data={"by": by}
    )


@activity.defn
def shouted(text: str) -> str:
    return f"{text.upper()}!"


@workflow.defn
class Ask:
    """Runs an orchestration to its end, and an activity of its own after it."""

    @workflow.run
    async def run(self, text: str) -> str:
        record = await execute_orchestration(question(text))
        answer: str = record["state"]["output"]["text"]
        return await workflow.execute_activity(shouted, answer, start_to_close_timeout=timedelta(seconds=20))


@workflow.defn
class Count:
    """Starts an orchestration by a key, delivers events to it, and waits."""

    @workflow.run
    async def run(self, key: str) -> dict[str, Any]:
        handle = await arvo_temporal.workflow.start_orchestration(count(3, key))
        event = counted(handle.subject, 2)
        for each in (event, event, counted(handle.subject, 1)):
            await deliver(each)
        record = await handle.result()
        return {"workflow_id": handle.workflow_id, "output": record["state"]["output"]}


@workflow.defn
class CountElsewhere:
    """Starts an orchestration by delivering its init event, and ends before it."""

    @workflow.run
    async def run(self) -> str:
        init = count(1)
        await deliver(init)
        left = await start_orchestration(count(1))
        await deliver(counted(init.subject, 1))
        return left.subject


@workflow.defn
class Fail:
    """Tells what goes wrong."""

    @workflow.run
    async def run(self, mistake: str) -> str:
        try:
            await self._make(mistake)
        except (ActivityError, ChildWorkflowError) as error:
            return f"{type(error).__name__}: {error.cause}"
        except (ApplicationError, WorkflowAlreadyStartedError) as error:
            return f"{type(error).__name__}: {error}"
        return "went well"

    async def _make(self, mistake: str) -> None:
        if mistake == "throws":
            handle = await start_orchestration(count(1))
            await deliver(counted(handle.subject, -1))
            await handle.result()
        elif mistake == "no init":
            await execute_orchestration(counted(count(1).subject, 1))
        elif mistake == "unknown":
            await deliver(counted(count(1).subject, 1))
        elif mistake == "not in the app":
            await execute_orchestration(question("?"))
        elif mistake == "twice":
            await start_orchestration(count(1, mistake))
            await start_orchestration(count(1, mistake))
        elif mistake == "too large":
            await deliver(replace(counted(count(1).subject, 1), accesscontrol="x" * 2001))
        elif mistake == "no subject":
            await deliver(counted("order-42", 1))
