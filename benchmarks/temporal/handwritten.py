"""Side B: the same work as workflows written by hand with `temporalio`.

As its documentation recommends: one pydantic model as input and output, the sandbox on, everything but the workflows
passed through it, asynchronous activities, signals that only change state.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.temporal import services
    from benchmarks.temporal.services import (
        TOOL_CALLS,
        Change,
        Decision,
        Goal,
        Key,
        Operands,
        Thread,
        Tick,
        Total,
        Value,
    )

_TIMEOUT = timedelta(minutes=1)


@activity.defn(name="read")
async def read(key: Key) -> Value:
    return await services.read(key)


@activity.defn(name="add")
async def add(operands: Operands) -> Value:
    return await services.add(operands)


@activity.defn(name="decide")
async def decide(thread: Thread) -> Decision:
    return await services.decide(thread)


@workflow.defn(name="call")
class CallWorkflow:
    """Asks one service."""

    @workflow.run
    async def run(self, key: Key) -> Value:
        return await workflow.execute_activity(read, key, start_to_close_timeout=_TIMEOUT)


@workflow.defn(name="increment")
class IncrementWorkflow:
    """Reads a number, computes, completes."""

    @workflow.run
    async def run(self, change: Change) -> Value:
        stored = await workflow.execute_activity(read, Key(key=change.key), start_to_close_timeout=_TIMEOUT)
        operands = Operands(value=stored.value, by=change.by)
        return await workflow.execute_activity(add, operands, start_to_close_timeout=_TIMEOUT)


@workflow.defn(name="family")
class FamilyWorkflow:
    """Has two children, each of which asks one service."""

    @workflow.run
    async def run(self, key: Key) -> Total:
        identity = workflow.info().workflow_id
        values = await asyncio.gather(
            *(workflow.execute_child_workflow(CallWorkflow.run, key, id=f"{identity}/{child}") for child in range(2))
        )
        return Total(total=sum(value.value for value in values))


@workflow.defn(name="count")
class CountWorkflow:
    """Counts events from outside until it reaches its goal."""

    @workflow.init
    def __init__(self, goal: Goal) -> None:
        self._goal = goal.goal
        self._total = 0

    @workflow.run
    async def run(self, goal: Goal) -> Total:
        await workflow.wait_condition(lambda: self._total >= self._goal and workflow.all_handlers_finished())
        return Total(total=self._total)

    @workflow.signal
    def tick(self, tick: Tick) -> None:
        self._total += tick.by

    @workflow.update
    def tick_and_tell(self, tick: Tick) -> Total:
        self._total += tick.by
        return Total(total=self._total)


@workflow.defn(name="agent")
class AgentWorkflow:
    """Calls one tool after the other for as long as an activity decides so."""

    @workflow.run
    async def run(self, key: Key) -> Total:
        thread = Thread(key=key.key, values=[])
        while not (await workflow.execute_activity(decide, thread, start_to_close_timeout=_TIMEOUT)).is_over:
            answer = await workflow.execute_activity(read, key, start_to_close_timeout=_TIMEOUT)
            thread.values.append(answer.value)
        return Total(total=sum(thread.values))


@workflow.defn(name="loop")
class LoopWorkflow:
    """Calls a number of tools, one after the other."""

    @workflow.run
    async def run(self, key: Key) -> Total:
        values: list[int] = []
        while len(values) < TOOL_CALLS:
            answer = await workflow.execute_activity(read, key, start_to_close_timeout=_TIMEOUT)
            values.append(answer.value)
        return Total(total=sum(values))


WORKFLOWS = [CallWorkflow, IncrementWorkflow, FamilyWorkflow, CountWorkflow, AgentWorkflow, LoopWorkflow]
ACTIVITIES: list[Callable[..., Any]] = [read, add, decide]
