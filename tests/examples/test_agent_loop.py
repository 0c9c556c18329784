"""The loop of the agent in one process, in milliseconds: without Temporal, and without HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from arvo import ArvoEvent, Progress, SimpleEventBroker, create_arvo_orchestrator_event_factory
from examples.agent import contracts
from examples.agent.agent import create_agent
from examples.agent.app import create_app
from examples.agent.desk import Desk
from examples.agent.handlers import Services
from examples.agent.screen import Screen
from examples.agent.script import QUESTION, Script, Scripted, endless, support
from examples.agent.tools import Tool
from examples.agent.turn import Message, ToolCall, Turn

REQUESTS = {"com.orders.find", "com.policy.search", "arvo.orc.refund"}


def task(**budget: Any) -> ArvoEvent:
    factory = create_arvo_orchestrator_event_factory(contracts.agent.version("1.0.0"))
    data = {"parentSubject$$": None, "question": QUESTION, **budget}
    return factory.init(source="com.test.person", data=data)


class Office:
    """An agent in this process, with a person beside it who says yes, no or nothing."""

    def __init__(self, folder: Path, script: Script, approved: bool | None = True) -> None:
        self.desk = Desk(folder)
        self.services = Services(Screen(), slowness=0)
        self._approved = approved
        app = create_app(Scripted(script), self.desk, self.services)
        self.broker = SimpleEventBroker.of(app, on_domained_event=self._decide)

    async def _decide(self, request: ArvoEvent, broker: SimpleEventBroker) -> None:
        if self._approved is not None:
            await broker.publish(self.desk.decide(request, approved=self._approved, by="Grace"))

    def sent(self, type_: str) -> list[ArvoEvent]:
        return [event for event in self.broker.events if event.type == type_]

    @property
    def report(self) -> dict[str, Any]:
        [done] = self.sent("arvo.orc.agent.done")
        return dict(done.data)


async def test_it_answers_with_what_tools_and_a_person_have_said(tmp_path: Path) -> None:
    office = Office(tmp_path, support)
    await office.broker.publish(task())
    assert office.report["outcome"] == "answered"
    assert office.report["answer"] == "Dear Ada, 129.00 are on their way to you: T-4711-12900."
    assert office.report["tokens"] > 0
    assert list(office.services.transfers.values()) == ["T-4711-12900"]


async def test_a_tool_that_fails_is_told_to_the_model_which_asks_for_it_alone_again(tmp_path: Path) -> None:
    """Here nothing is tried again, as policies are Temporal's."""
    office = Office(tmp_path, support)
    await office.broker.publish(task())
    assert [len(office.sent(type_)) for type_ in ("com.orders.find", "com.policy.search")] == [2, 1]
    assert office.report["turns"] == 5


async def test_tools_of_one_turn_are_asked_at_once_and_the_model_once_all_have_answered(tmp_path: Path) -> None:
    heard: list[list[str]] = []

    def listening(messages: Sequence[Message]) -> Turn:
        heard.append([message["tool_call_id"] for message in messages if message["role"] == "tool"])
        return support(messages)

    office = Office(tmp_path, listening)
    await office.broker.publish(task())
    asked = [event for event in office.broker.events if event.type in ("com.orders.find", "com.policy.search")]
    assert asked[0].parentid == asked[1].parentid
    assert heard[1] == ["call_1_1"]
    assert heard[2] == ["call_1_1", "call_2_1", "call_2_2"]


async def test_no_two_requests_have_one_id(tmp_path: Path) -> None:
    office = Office(tmp_path, support)
    await office.broker.publish(task())
    ids = [event.id for event in office.broker.events if event.source == "arvo.orc.agent"]
    assert len(ids) == len(set(ids)) >= 6


async def test_nothing_is_refunded_before_a_person_has_said_yes(tmp_path: Path) -> None:
    office = Office(tmp_path, support, approved=None)
    await office.broker.publish(task())
    [request] = office.desk.waiting()
    assert request.data == {"tool": "refund", "arguments": {"order_id": "4711", "amount": 12900}}
    assert office.sent("arvo.orc.refund") == []
    await office.broker.publish(office.desk.decide(request, approved=True, by="Grace"))
    assert office.desk.waiting() == []
    assert office.report["outcome"] == "answered"


async def test_what_a_person_refuses_does_not_happen_and_the_model_is_told(tmp_path: Path) -> None:
    office = Office(tmp_path, support, approved=False)
    await office.broker.publish(task())
    assert office.services.transfers == {}
    assert office.report["outcome"] == "answered"
    assert "may not refund" in office.report["answer"]


async def test_it_ends_when_its_turns_are_used_up(tmp_path: Path) -> None:
    office = Office(tmp_path, endless)
    await office.broker.publish(task(max_turns=3))
    assert office.report["outcome"] == "out_of_turns"
    assert office.report["turns"] == 3


async def test_it_ends_when_its_time_is_up_though_nobody_says_anything(tmp_path: Path) -> None:
    office = Office(tmp_path, support, approved=None)
    await office.broker.publish(task(seconds=60))
    await office.broker.advance(59_000)
    assert office.sent("arvo.orc.agent.done") == []
    await office.broker.advance(1_000)
    assert office.report["outcome"] == "out_of_time"
    assert office.report["answer"] is None


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (ToolCall("a", "teleport", "{}"), "there is no tool 'teleport', only plan, find_order"),
        (ToolCall("a", "refund", '{"order_id": "4711", "amount": -1}'), "amount"),
        (ToolCall("a", "refund", '{"order_id": "47'), "Invalid JSON"),
        (ToolCall("a", "find_order", ""), "order_id"),
    ],
)
async def test_what_the_model_gets_wrong_it_is_told(tmp_path: Path, call: ToolCall, told: str) -> None:
    def clumsy(messages: Sequence[Message]) -> Turn:
        if messages[-1]["role"] == "user":
            return Turn("I try.", [call])
        return Turn(messages[-1]["content"])

    office = Office(tmp_path, clumsy)
    await office.broker.publish(task())
    assert office.report["outcome"] == "answered"
    assert office.report["answer"].startswith("error: ")
    assert told in office.report["answer"]
    assert [event for event in office.broker.events if event.type in REQUESTS] == []


class CutOff:
    """A model that follows the script until a turn in which it breaks off."""

    def __init__(self, turn: int) -> None:
        self.asked: list[int] = []
        self._turn = turn

    async def complete(self, messages: Sequence[Message], tools: Mapping[str, Tool]) -> Turn:
        self.asked.append(1 + sum(message["role"] == "assistant" for message in messages))
        if self.asked[-1] == self._turn:
            raise ConnectionResetError
        return support(messages)


async def kept_until(turn: int, saved: list[Any]) -> None:
    """Let the first step of the agent be cut off in a turn, or, for a turn that there is not, in what comes after."""

    async def keep(value: Any) -> None:
        saved.append(value)

    with suppress(ConnectionResetError):
        await create_agent(CutOff(turn)).call(task(), None, Progress(keep=keep))


async def test_a_step_that_was_cut_off_goes_on_with_the_turn_that_it_was_in() -> None:
    saved: list[Any] = []
    await kept_until(2, saved)
    model = CutOff(0)
    call = await create_agent(model).call(task(), None, Progress(saved[-1]))
    assert model.asked == [2]
    assert [request["type"] for request in call.output["services"]] == [
        "com.orders.find",
        "com.policy.search",
        "arvo.orc.alarm",
    ]


async def test_a_step_that_was_cut_off_after_its_last_turn_asks_the_model_nothing() -> None:
    saved: list[Any] = []
    await kept_until(9, saved)
    model = CutOff(0)
    init = task()
    again = await create_agent(model).call(init, None, Progress(saved[-1]))
    assert model.asked == []
    assert [request["id"] for request in again.output["services"][:2]] == [f"{init.id}.0", f"{init.id}.1"]


def test_the_readme_shows_the_loop_as_it_is_in_under_60_lines() -> None:
    folder = Path(contracts.__file__).parent
    [shown] = re.findall(r"^```python\n(.*?)^```", (folder / "README.md").read_text(), flags=re.MULTILINE | re.DOTALL)
    assert shown == (folder / "agent.py").read_text()
    assert len(shown.splitlines()) < 60
