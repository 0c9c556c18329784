"""The tests that are shipped for memories: ours pass them, and each finds the mistake that it is there for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from arvo import IMachineMemory, SimpleMachineMemory
from arvo.orchestration.telemetered_memory import TelemeteredSimpleMachineMemory
from arvo.testing.memories import MachineMemoryTests, SharedMachineMemoryTests
from arvo.wire.json_value import JsonObject


class TestSimpleMachineMemory(MachineMemoryTests):
    async def open_memory(self) -> IMachineMemory:
        return SimpleMachineMemory()


class TestTelemeteredSimpleMachineMemory(MachineMemoryTests):
    async def open_memory(self) -> IMachineMemory:
        return TelemeteredSimpleMachineMemory()


class TestMemoryThatWorkersShare(SharedMachineMemoryTests):
    memory = SimpleMachineMemory()

    async def open_memory(self) -> IMachineMemory:
        return self.memory


class IgnoresCase(SimpleMachineMemory):
    async def read(self, id: str, /) -> JsonObject | None:
        return await super().read(id.lower())

    async def write(self, id: str, data: Mapping[str, Any], previous: Mapping[str, Any] | None = None, /) -> None:
        await super().write(id.lower(), data)


class CutsSubjects(SimpleMachineMemory):
    async def read(self, id: str, /) -> JsonObject | None:
        return await super().read(id[:255])

    async def write(self, id: str, data: Mapping[str, Any], previous: Mapping[str, Any] | None = None, /) -> None:
        await super().write(id[:255], data)


class Merges(SimpleMachineMemory):
    async def write(self, id: str, data: Mapping[str, Any], previous: Mapping[str, Any] | None = None, /) -> None:
        await super().write(id, {**(await self.read(id) or {}), **data})


class KeepsWhatItIsGiven(SimpleMachineMemory):
    async def write(self, id: str, data: Mapping[str, Any], previous: Mapping[str, Any] | None = None, /) -> None:
        assert isinstance(data, dict)
        self._records[id] = data


class GivesWhatItKeeps(SimpleMachineMemory):
    async def read(self, id: str, /) -> JsonObject | None:
        return self._records.get(id)


class DropsNulls(SimpleMachineMemory):
    async def write(self, id: str, data: Mapping[str, Any], previous: Mapping[str, Any] | None = None, /) -> None:
        await super().write(id, {key: value for key, value in data.items() if value is not None})


class FindsEverything(SimpleMachineMemory):
    async def read(self, id: str, /) -> JsonObject | None:
        return await super().read(id) or {}


class LocksNothing(SimpleMachineMemory):
    async def lock(self, id: str, /) -> bool:
        await asyncio.sleep(0)
        return True

    async def read(self, id: str, /) -> JsonObject | None:
        record = await super().read(id)
        await asyncio.sleep(0)
        return record


class LocksTooLate(SimpleMachineMemory):
    async def lock(self, id: str, /) -> bool:
        taken = id in self._locked
        await asyncio.sleep(0)
        self._locked.add(id)
        return not taken


class LocksEverything(SimpleMachineMemory):
    async def lock(self, id: str, /) -> bool:
        return await super().lock("all")

    async def unlock(self, id: str, /) -> bool:
        return await super().unlock("all")


class NeverReleases(SimpleMachineMemory):
    async def unlock(self, id: str, /) -> bool:
        return True


class ForgetsOnRelease(SimpleMachineMemory):
    async def unlock(self, id: str, /) -> bool:
        self.clear(id)
        return True


class AnswersNothing(SimpleMachineMemory):
    async def unlock(self, id: str, /) -> Any:
        await super().unlock(id)


MISTAKES: list[tuple[type[SimpleMachineMemory], str]] = [
    (FindsEverything, "test_there_is_nothing_under_an_unknown_subject"),
    (Merges, "test_the_last_record_replaces_the_one_before"),
    (KeepsWhatItIsGiven, "test_a_record_cannot_be_changed_from_outside"),
    (GivesWhatItKeeps, "test_a_record_cannot_be_changed_from_outside"),
    (IgnoresCase, "test_similar_subjects_are_kept_apart"),
    (CutsSubjects, "test_similar_subjects_are_kept_apart"),
    (LocksEverything, "test_similar_subjects_are_kept_apart"),
    (LocksNothing, "test_a_lock_is_held_by_one_until_it_is_released"),
    (NeverReleases, "test_a_lock_is_held_by_one_until_it_is_released"),
    (LocksTooLate, "test_one_of_many_rivals_gets_the_lock"),
    (ForgetsOnRelease, "test_a_locked_subject_is_read_and_written_by_the_holder"),
    (AnswersNothing, "test_releasing_what_is_not_locked_does_no_harm"),
    (SimpleMachineMemory, "test_another_worker_sees_the_same"),
    (LocksNothing, "test_no_event_of_an_orchestration_is_lost"),
    (NeverReleases, "test_no_event_of_an_orchestration_is_lost"),
]


@pytest.mark.parametrize(("memory", "test"), MISTAKES, ids=lambda part: getattr(part, "__name__", part))
def test_a_mistake_is_found(memory: type[SimpleMachineMemory], test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tests(SharedMachineMemoryTests):
        async def open_memory(self) -> IMachineMemory:
            return memory()

    monkeypatch.setattr("arvo.testing.memories._PAUSE", 0)
    with pytest.raises(AssertionError, match=r"must|differ|counted|got the lock|not released"):
        getattr(Tests(), test)()


@pytest.mark.parametrize("size", [0, 1_000])
def test_a_record_that_comes_back_changed_is_found(size: int) -> None:
    class Tests(MachineMemoryTests):
        async def open_memory(self) -> IMachineMemory:
            return DropsNulls()

    with pytest.raises(AssertionError, match="unchanged"):
        Tests().test_what_is_written_is_read(size)


def test_a_memory_that_waits_for_the_lock_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Waits(SimpleMachineMemory):
        async def lock(self, id: str, /) -> bool:
            if not await super().lock(id):
                await asyncio.Event().wait()
            return True

    class Tests(MachineMemoryTests):
        async def open_memory(self) -> IMachineMemory:
            return Waits()

    monkeypatch.setattr("arvo.testing.memories._SECONDS", 0.1)
    with pytest.raises(AssertionError, match="instead of waiting"):
        Tests().test_a_lock_is_held_by_one_until_it_is_released()
