"""Whether an event concerns an orchestration: one decision, whoever asks."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import ArvoEvent, ArvoOrchestrationSubject, ExecutionViolation, SimpleMachineMemory
from arvo.orchestration.admission import Admission, Admitted, Ignored, admit, read_address
from tests.arvo.counting import CONFIG, answer, count_orchestrator, start

SOURCE = "arvo.orc.count"
INIT = start(goal=2)
ANSWER = answer(INIT, 1)
PARENT = ArvoOrchestrationSubject.new(orchestrator="arvo.orc.outer", version="1.0.0", initiator="com.test.app")
RECORD = {"executionStatus": "normal", "parentSubject": PARENT, "initEventId": "first"}
FAILURE = {"executionStatus": "failure", "subject": INIT.subject}


def decide(event: ArvoEvent, record: dict[str, Any] | None, source: str = SOURCE) -> Admission:
    return admit(read_address(event, source), record)


def test_an_init_event_begins_an_orchestration() -> None:
    nested = ArvoEvent.from_json({**INIT.to_json(), "data": {"parentSubject$$": PARENT, "goal": 1}})
    subject = ArvoOrchestrationSubject.parse(INIT.subject)
    assert decide(INIT, None) == Admitted(subject, None, INIT.id, begins=True)
    assert decide(nested, None) == Admitted(subject, PARENT, INIT.id, begins=True)


def test_a_later_event_finds_parent_and_beginning_in_the_record() -> None:
    admitted = decide(ANSWER, RECORD)
    assert isinstance(admitted, Admitted)
    assert (admitted.parent_subject, admitted.init_event_id, admitted.begins) == (PARENT, "first", False)


def test_another_init_event_brings_another_parent_and_begins_nothing() -> None:
    admitted = decide(INIT, RECORD)
    assert isinstance(admitted, Admitted)
    assert (admitted.parent_subject, admitted.init_event_id, admitted.begins) == (None, "first", False)


@pytest.mark.parametrize(
    ("event", "record", "source", "why"),
    [
        (INIT, None, "arvo.orc.other", Ignored.FOREIGN),
        (INIT, FAILURE, "arvo.orc.other", Ignored.FOREIGN),
        (ANSWER, None, SOURCE, Ignored.NOT_BEGUN),
        (INIT, FAILURE, SOURCE, Ignored.FAILED),
        (ANSWER, FAILURE, SOURCE, Ignored.FAILED),
    ],
)
def test_nothing_comes_of(event: ArvoEvent, record: dict[str, Any] | None, source: str, why: Ignored) -> None:
    assert decide(event, record, source) is why


def test_a_subject_of_no_orchestration_is_refused() -> None:
    with pytest.raises(ExecutionViolation, match="is no orchestration subject"):
        read_address(ArvoEvent.from_json({**INIT.to_json(), "subject": "order-1"}), SOURCE)


class Watched(SimpleMachineMemory):
    """A memory that knows what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def read(self, id: str, /) -> Any:
        self.asked.append("read")
        return await super().read(id)

    async def lock(self, id: str, /) -> bool:
        self.asked.append("lock")
        return await super().lock(id)

    async def write(self, id: str, data: Any, previous: Any = None, /) -> None:
        self.asked.append("write")
        await super().write(id, data, previous)

    async def unlock(self, id: str, /) -> bool:
        self.asked.append("unlock")
        return await super().unlock(id)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("foreign", []), ("not begun", ["lock", "read", "unlock"]), ("failed", ["lock", "read", "unlock"])],
)
async def test_whoever_asks_gets_the_same_decision(name: str, asked: list[str]) -> None:
    """`execute`, `consume` and `step` agree; nothing is locked or read for others, nor written for nothing."""
    memory = Watched()
    orchestrator = count_orchestrator(memory=memory, requires_resource_locking=True)
    event, record = ANSWER, None
    if name == "foreign":
        other = ArvoOrchestrationSubject.new(orchestrator="arvo.orc.other", version="1.0.0", initiator="com.test.app")
        event = ArvoEvent.from_json({**INIT.to_json(), "subject": other})
    if name == "failed":
        record = count_orchestrator({**CONFIG, "entry": [lambda: 1 / 0]}).step(INIT, None).record
        await memory.write(INIT.subject, record)
        memory.asked.clear()
    for step in (orchestrator.step(event, record), orchestrator.consume(event, record)):
        assert (step.record, step.events, step.timers, step.handled) == (None, (), (), False)
    assert (await orchestrator.execute(event)).events == []
    assert memory.asked == asked
