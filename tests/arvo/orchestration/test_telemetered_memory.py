"""The memory whose accesses are seen in a trace."""

from __future__ import annotations

import pytest

from arvo.orchestration.memory import MachineMemoryRecord
from arvo.orchestration.telemetered_memory import TelemeteredSimpleMachineMemory
from tests.arvo.counting import count_orchestrator, start
from tests.conformance.tracing import traced, view

RECORD: MachineMemoryRecord = {"executionStatus": "normal", "subject": "s"}


async def test_each_access_has_a_span() -> None:
    memory = TelemeteredSimpleMachineMemory()
    with traced() as recorder:
        await memory.lock("s")
        await memory.write("s", RECORD)
        await memory.read("s")
        await memory.unlock("s")
    spans = [view(span) for span in recorder.spans]
    assert [span["name"].split()[0] for span in spans] == ["Lock", "Write", "Read", "Unlock"]
    assert {span["attributes"]["arvo.memory.id"] for span in spans} == {"s"}
    assert spans[1]["attributes"]["arvo.memory.record.bytes"] == len('{"executionStatus":"normal","subject":"s"}')


async def test_the_accesses_are_in_the_trace_of_the_event() -> None:
    orchestrator = count_orchestrator(memory=TelemeteredSimpleMachineMemory())
    event = start()
    with traced() as recorder:
        await orchestrator.execute(event)
    spans = [view(span) for span in recorder.spans]
    assert {"Read Simple Memory", "Write Simple Memory"} <= {span["name"] for span in spans}
    assert len({span["trace"] for span in spans}) == 1


async def test_a_refused_access_is_an_error_on_its_span() -> None:
    memory = TelemeteredSimpleMachineMemory()
    with traced() as recorder, pytest.raises(ValueError, match="empty id"):
        await memory.read("")
    assert view(recorder.spans[0])["status"] == "ERROR"


async def test_without_a_tracer_provider_it_is_a_plain_memory() -> None:
    memory = TelemeteredSimpleMachineMemory()
    await memory.write("s", RECORD)
    assert await memory.read("s") == RECORD
