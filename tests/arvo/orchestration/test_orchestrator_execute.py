"""Executing an event is one transaction on the memory: lock, read, step, write, unlock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from arvo import (
    ArvoEvent,
    ArvoOrchestrationSubject,
    ContractViolation,
    SimpleMachineMemory,
    TransactionViolation,
    TransactionViolationCause,
)
from tests.arvo.counting import CONFIG, answer, count_orchestrator, start


class BrokenMemory(SimpleMachineMemory):
    """Fails in one of its methods."""

    def __init__(self, broken: str) -> None:
        super().__init__()
        self.broken = broken

    async def read(self, id: str, /) -> dict[str, Any] | None:
        self._fail("read")
        return await super().read(id)

    async def write(self, id: str, data: Mapping[str, Any], previous: Mapping[str, Any] | None = None, /) -> None:
        self._fail("write")
        await super().write(id, data, previous)

    async def lock(self, id: str, /) -> bool:
        self._fail("lock")
        return await super().lock(id)

    async def unlock(self, id: str, /) -> bool:
        self._fail("unlock")
        return await super().unlock(id)

    def _fail(self, method: str) -> None:
        if self.broken == method:
            raise OSError("the disk is gone")


async def test_an_orchestration_goes_from_event_to_event() -> None:
    orchestrator, init = count_orchestrator(), start(goal=2)
    requests = (await orchestrator.execute(init)).events
    assert [event.type for event in requests] == ["com.number.add"]
    assert (await orchestrator.execute(answer(requests[0], 1))).events[0].data == {"left": 1, "right": 1}
    completion = (await orchestrator.execute(answer(requests[0], 2))).events[0]
    assert (completion.type, completion.to, completion.data) == ("arvo.orc.count.done", "com.test.app", {"total": 2})


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        ("read", TransactionViolationCause.READ_FAILURE),
        ("write", TransactionViolationCause.WRITE_FAILURE),
        ("lock", TransactionViolationCause.LOCK_FAILURE),
    ],
)
async def test_a_failing_memory_is_a_transaction_violation(broken: str, cause: TransactionViolationCause) -> None:
    memory = BrokenMemory(broken)
    orchestrator, init = count_orchestrator(memory=memory, requires_resource_locking=True), start()
    with pytest.raises(TransactionViolation, match="the disk is gone") as caught:
        await orchestrator.execute(init)
    assert caught.value.cause is cause
    assert caught.value.initiating_event is init
    memory.broken = ""
    assert (await orchestrator.execute(init)).events, "the event can be sent again"


async def test_a_lock_that_cannot_be_released_does_not_fail_the_event() -> None:
    orchestrator = count_orchestrator(memory=BrokenMemory("unlock"), requires_resource_locking=True)
    assert (await orchestrator.execute(start())).events


async def test_of_two_events_at_the_same_time_one_is_denied_the_lock() -> None:
    class SlowMemory(SimpleMachineMemory):
        async def read(self, id: str, /) -> dict[str, Any] | None:
            await asyncio.sleep(0)
            return await super().read(id)

    orchestrator, init = count_orchestrator(memory=SlowMemory(), requires_resource_locking=True), start()
    first, second = await asyncio.gather(orchestrator.execute(init), orchestrator.execute(init), return_exceptions=True)
    assert not isinstance(first, BaseException)
    assert isinstance(second, TransactionViolation)
    assert second.cause is TransactionViolationCause.LOCK_UNACQUIRED


async def test_the_lock_is_free_after_a_violation() -> None:
    memory = SimpleMachineMemory()
    orchestrator, init = count_orchestrator(memory=memory, requires_resource_locking=True), start()
    await orchestrator.execute(init)
    with pytest.raises(ContractViolation):
        await orchestrator.execute(ArvoEvent.from_json({**init.to_json(), "data": {"goal": "high"}}))
    assert await memory.lock(init.subject)


async def test_a_failure_is_reported_even_if_it_cannot_be_stored() -> None:
    config = {**CONFIG, "entry": [lambda: 1 / 0]}
    orchestrator = count_orchestrator(config, memory=BrokenMemory("write"))
    events = (await orchestrator.execute(start())).events
    assert [event.type for event in events] == ["sys.arvo.orc.count.error"]
    assert events[0].data["errorName"] == "ZeroDivisionError"


async def test_an_event_of_another_orchestrator_touches_nothing() -> None:
    orchestrator, init = count_orchestrator(memory=BrokenMemory("read")), start()
    foreign = ArvoOrchestrationSubject.new(orchestrator="arvo.orc.other", version="1.0.0", initiator="com.test.app")
    event = ArvoEvent.from_json({**init.to_json(), "subject": foreign})
    assert (await orchestrator.execute(event)).events == []
