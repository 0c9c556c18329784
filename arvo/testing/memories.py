"""What a memory of one's own has to do, as tests to run against it with pytest.

    class TestPostgresMemory(MachineMemoryTests):
        async def open_memory(self) -> PostgresMemory:
            return await PostgresMemory.connect("postgresql:///arvo")

Every test works on subjects of its own, so what earlier runs have left does no harm.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import BaseModel

from arvo.contracts import (
    PARENT_SUBJECT,
    create_arvo_event_factory,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
)
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.orchestration import (
    ArvoResumable,
    IMachineMemory,
    ResumableOutput,
    TransactionViolation,
    TransactionViolationCause,
    create_arvo_resumable,
)

_SECONDS = 30
_RIVALS = 20
_TRIES = 1_000
_PAUSE = 0.01


class MachineMemoryTests:
    """Tests of an `IMachineMemory`; derive a class whose name begins with `Test`, and say how to open the memory.

    For one that several workers share, derive it from `SharedMachineMemoryTests`.
    """

    @abstractmethod
    async def open_memory(self) -> IMachineMemory:
        """Return a memory that is ready to use; called for each test, in the event loop of the test."""

    async def close_memory(self, memory: Any) -> None:
        """Let go of a memory that `open_memory` returned; by default there is nothing to do."""

    def test_there_is_nothing_under_an_unknown_subject(self) -> None:
        """`read` answers None for a subject that was never written."""

        async def check(memory: IMachineMemory) -> None:
            assert await memory.read(_subject()) is None, "read must return None for a subject never written."

        self._run(check)

    @pytest.mark.parametrize("size", [0, 1_000, 1_000_000])
    def test_what_is_written_is_read(self, size: int) -> None:
        """`read` answers the JSON that was written, up to a megabyte of it."""

        async def check(memory: IMachineMemory) -> None:
            subject = _subject()
            record = {**_record(subject), "state": {**_STATE, "text": "x" * size}}
            await memory.write(subject, record, None)
            assert await memory.read(subject) == record, "read must return the JSON that was written, unchanged."

        self._run(check)

    def test_the_last_record_replaces_the_one_before(self) -> None:
        """`write` replaces the whole record: one of a failure has fewer keys than the one before."""

        async def check(memory: IMachineMemory) -> None:
            subject = _subject()
            await memory.write(subject, _record(subject))
            first = await memory.read(subject)
            failed = {"executionStatus": "failure", "subject": subject, "error": {"name": "E", "message": "m"}}
            await memory.write(subject, failed, first)
            assert await memory.read(subject) == failed, "write must replace the whole record, and not merge the two."

        self._run(check)

    def test_a_record_cannot_be_changed_from_outside(self) -> None:
        """The memory shares no object with its callers."""

        async def check(memory: IMachineMemory) -> None:
            subject = _subject()
            record = _record(subject)
            written = dict(record)
            await memory.write(subject, written)
            written["status"] = "changed after writing"
            read = await memory.read(subject)
            assert read == record, "write must keep a copy: the record changed with the caller's object."
            if isinstance(read, dict):
                read["status"] = "changed after reading"
            assert await memory.read(subject) == record, "read must return a copy."

        self._run(check)

    def test_similar_subjects_are_kept_apart(self) -> None:
        """Subjects that differ in one letter, in its case, or after thousands of letters, are different."""

        async def check(memory: IMachineMemory) -> None:
            subjects = _similar(_subject())
            for position, subject in enumerate(subjects):
                await memory.write(subject, {**_record(subject), "status": str(position)})
                assert await memory.lock(subject), f"{subject!r} must not be locked by another subject."
            for position, subject in enumerate(subjects):
                record = await memory.read(subject)
                assert record is not None, f"{subject!r} is not found."
                assert record["status"] == str(position), (
                    f"{subject!r} has the record of another subject. Subjects are base64: capital and small letters "
                    "differ, '+', '/' and '=' occur, and a nested one can have thousands of characters."
                )
            for subject in subjects:
                await memory.unlock(subject)

        self._run(check)

    def test_a_lock_is_held_by_one_until_it_is_released(self) -> None:
        """`lock` answers False at once while the lock is held, and True when it is free."""

        async def check(memory: IMachineMemory) -> None:
            subject = _subject()
            assert await memory.lock(subject) is True, "lock must return True: nobody holds this one."
            assert await memory.lock(subject) is False, "lock must return False, and not wait, while it is held."
            await memory.unlock(subject)
            assert await memory.lock(subject) is True, "a lock that was released must be free."
            await memory.unlock(subject)

        self._run(check)

    def test_one_of_many_rivals_gets_the_lock(self) -> None:
        """Of many that ask for a lock at the same time one gets it."""

        async def check(memory: IMachineMemory) -> None:
            subject = _subject()
            granted = await asyncio.gather(*(memory.lock(subject) for _ in range(_RIVALS)))
            assert granted.count(True) == 1, f"{granted.count(True)} of {_RIVALS} got the lock at the same time."
            await memory.unlock(subject)

        self._run(check)

    def test_a_locked_subject_is_read_and_written_by_the_holder(self) -> None:
        """Records and locks are independent: the holder reads, writes and releases."""

        async def check(memory: IMachineMemory) -> None:
            subject = _subject()
            assert await memory.lock(subject), "a subject without a record must be lockable."
            assert await memory.read(subject) is None, "a lock must not look like a record."
            record = _record(subject)
            await memory.write(subject, record)
            assert await memory.read(subject) == record, "the holder of a lock must find what it wrote."
            await memory.unlock(subject)
            assert await memory.read(subject) == record, "unlock must leave the record as it is."

        self._run(check)

    def test_releasing_what_is_not_locked_does_no_harm(self) -> None:
        """`unlock` of a free lock answers a bool, and leaves it free."""

        async def check(memory: IMachineMemory) -> None:
            subject = _subject()
            assert isinstance(await memory.unlock(subject), bool), "unlock must return a bool."
            assert await memory.lock(subject) is True
            await memory.unlock(subject)

        self._run(check)

    def test_no_event_of_an_orchestration_is_lost(self) -> None:
        """Events for one orchestration that arrive at the same time are all counted, one after the other."""

        async def check(memory: IMachineMemory) -> None:
            counter = _counter(memory)
            init = _start()
            await counter.execute(init)
            answers = [_tick(init.subject) for _ in range(_RIVALS)]
            await asyncio.gather(*(_insist(counter, answer) for answer in answers))
            record = await memory.read(init.subject)
            assert record is not None
            counted = record["state$$"]["counted"]
            assert counted == _RIVALS, (
                f"{_RIVALS} events arrived at the same time and {counted} were counted: two steps read the same record."
            )
            assert await memory.lock(init.subject), "the lock must be free once the step is over."
            await memory.unlock(init.subject)

        self._run(check)

    def _run(self, check: Callable[[IMachineMemory], Awaitable[None]]) -> None:
        async def run() -> None:
            memory = await self.open_memory()
            try:
                await asyncio.wait_for(check(memory), _SECONDS)
            except TimeoutError:
                raise AssertionError(
                    f"The memory did not answer within {_SECONDS} seconds: lock must return False instead of waiting."
                ) from None
            finally:
                await self.close_memory(memory)

        asyncio.run(run())


class SharedMachineMemoryTests(MachineMemoryTests):
    """Tests of a memory that several workers share: two of them, opened one after the other, are over one storage."""

    def test_another_worker_sees_the_same(self) -> None:
        """A second memory over the same storage sees the records and the locks of the first."""

        async def check(memory: IMachineMemory) -> None:
            subject = _subject()
            other = await self.open_memory()
            try:
                record = _record(subject)
                await memory.write(subject, record)
                assert await other.read(subject) == record, "another worker must see the record."
                assert await memory.lock(subject), "a subject with a record must be lockable."
                assert await other.lock(subject) is False, "another worker must see the lock."
                await memory.unlock(subject)
                assert await other.lock(subject) is True, "another worker must see that the lock is free."
                await other.unlock(subject)
            finally:
                await self.close_memory(other)

        self._run(check)


_STATE = {
    "status": "active",
    "value": {"paying": "asked", "packing": {"box": "open"}},
    "context": {"none": None, "yes": True, "0": 0, "float": 0.1, "large": 2**53, "negative": -1.5, "list": [[], {}]},
    "words": "ä ß 漢字 \U0001f680 ' \" \\ % $ \n \t",
    "": "an empty key",
    "a.b$c": "a key that some stores reserve",
}


class _Nothing(BaseModel):
    pass


_contract = create_arvo_orchestrator_contract(
    uri="#/arvo/memory/tests", name="memory.tests", versions={"1.0.0": {"init": _Nothing, "complete": _Nothing}}
)
_ticking = create_simple_arvo_contract(
    uri="#/arvo/memory/ticks", type="memory.tick", versions={"1.0.0": {"accepts": _Nothing, "emits": _Nothing}}
).version("1.0.0")


def _counter(memory: IMachineMemory) -> ArvoResumable:
    def count(context: dict[str, int] | None) -> ResumableOutput:
        return {"context": {"counted": 0 if context is None else context["counted"] + 1}}

    return create_arvo_resumable(
        contracts={"self": _contract, "services": {"tick": _ticking}},
        handler={"1.0.0": count},
        memory=memory,
        requires_resource_locking=True,
    )


def _start() -> ArvoEvent:
    factory = create_arvo_orchestrator_event_factory(_contract.version("1.0.0"))
    return factory.init(source="com.memory.tests", data={PARENT_SUBJECT: None})


def _tick(subject: str) -> ArvoEvent:
    return create_arvo_event_factory(_ticking).emits(
        type="evt.memory.tick.success", source="com.memory.tick", subject=subject, data={}
    )


async def _insist(counter: ArvoResumable, event: ArvoEvent) -> None:
    for _ in range(_TRIES):
        try:
            await counter.execute(event)
        except TransactionViolation as violation:
            if violation.cause is not TransactionViolationCause.LOCK_UNACQUIRED:
                raise
            await asyncio.sleep(_PAUSE)
        else:
            return
    raise AssertionError(f"The lock was not to be had in {_TRIES} tries: it is not released after a step.")


def _subject() -> str:
    return ArvoOrchestrationSubject.new(
        orchestrator="arvo.orc.memory.tests", version="1.0.0", initiator="com.memory.tests"
    )


def _similar(subject: str) -> list[str]:
    text = subject.rstrip("=")
    variants = [subject, subject.swapcase(), f"{text}+", f"{text}/", f"{text}/a", f"{text}%2B", f"{text}_", text * 12]
    return [*dict.fromkeys(variants), f"{text * 12}a"]


def _record(subject: str) -> dict[str, Any]:
    return {
        "executionStatus": "normal",
        "subject": subject,
        "parentSubject": None,
        "initEventId": "e1",
        "status": "active",
        "value": "waiting",
        "state": _STATE,
        "events": {"consumed": _tick(subject).to_json(), "produced": []},
        "machineDefinition": '{"id":"m"}',
    }
