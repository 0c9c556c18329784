"""The memory within one process."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import SimpleMachineMemory
from arvo.orchestration import TelemeteredSimpleMachineMemory

RECORD: dict[str, Any] = {"executionStatus": "normal", "subject": "s"}


async def test_what_is_written_can_be_read_and_is_a_copy() -> None:
    memory = SimpleMachineMemory()
    assert await memory.read("s") is None
    written = dict(RECORD)
    await memory.write("s", written)
    written["executionStatus"] = "failure"
    assert await memory.read("s") == RECORD


async def test_a_lock_is_held_by_one() -> None:
    memory = SimpleMachineMemory()
    assert await memory.lock("s")
    assert not await memory.lock("s")
    assert await memory.lock("t")
    assert await memory.unlock("s")
    assert await memory.lock("s")
    assert await memory.unlock("never locked")


async def test_it_can_be_cleared() -> None:
    memory = SimpleMachineMemory()
    for subject in ("s", "t"):
        await memory.write(subject, RECORD)
        await memory.lock(subject)
    memory.clear("s")
    assert (await memory.read("s"), await memory.lock("s")) == (None, True)
    assert (await memory.read("t"), await memory.lock("t")) == (RECORD, False)
    memory.clear()
    assert await memory.read("t") is None


async def test_an_empty_id_is_refused() -> None:
    memory = SimpleMachineMemory()
    with pytest.raises(ValueError, match="empty id"):
        await memory.read("")
    with pytest.raises(ValueError, match="empty id"):
        await memory.lock("")


@pytest.mark.parametrize("memory", [SimpleMachineMemory(), TelemeteredSimpleMachineMemory()])
@pytest.mark.parametrize(("data", "shown"), [(None, "None"), ("done", "'done'"), ([RECORD], "a value of type list")])
async def test_what_is_no_record_is_refused_by_name_and_changes_nothing(
    memory: SimpleMachineMemory, data: Any, shown: str
) -> None:
    await memory.write("s", RECORD)
    with pytest.raises(ValueError, match=rf"told to write {shown} under 's': the data of a record is a mapping"):
        await memory.write("s", data)
    assert await memory.read("s") == RECORD
    with pytest.raises(ValueError, match="empty id"):
        await memory.write("", data)
