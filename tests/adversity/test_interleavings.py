"""Whatever comes between: deliveries, repetitions, refusals, timers, new runs, lost workers and redrives.

The outcome is that of the uninterrupted run, which the orchestrator comes to by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from pydantic import BaseModel
from temporalio.api.common.v1 import Payload

from adapter.ledger import Fate
from adapter.limits import Limits
from arvo import (
    ArvoEvent,
    assign,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo.handling import stand_in_error
from arvo_temporal import ArvoApp
from tests.adversity.in_process import InProcess, event_payload, payload
from tests.adversity.uninterrupted import Uninterrupted
from workflows import pace

MINUTE = 60.0


class Nothing(BaseModel):
    """Nothing to say."""


class Tally(BaseModel):
    """What a shift has come to."""

    coins: int
    rings: int
    answers: list[str]


class Coin(BaseModel):
    """What a coin is worth."""

    worth: int


class Word(BaseModel):
    """A word."""

    text: str


SHIFT = create_arvo_orchestrator_contract(
    uri="#/test/shift", name="shift", versions={"1.0.0": {"init": Nothing, "complete": Tally}}
)
SLOT = create_arvo_contract(
    uri="#/test/slot",
    type="com.slot.open",
    versions={
        "1.0.0": {"accepts": Nothing, "emits": {"evt.slot.coin": Coin, "evt.slot.call": Word, "evt.slot.over": Nothing}}
    },
)
PHONE = create_simple_arvo_contract(
    uri="#/test/phone", type="phone.call", versions={"1.0.0": {"accepts": Word, "emits": Word}}
)
MACHINE = setup_arvo_machine(
    contracts={
        "self": SHIFT.version("1.0.0"),
        "services": {"slot": SLOT.version("1.0.0"), "phone": PHONE.version("1.0.0")},
    },
    actions={
        "take": assign(lambda context, event: {"coins": context["coins"] + event.data["worth"]}),
        "ring": assign(lambda context: {"rings": context["rings"] + 1}),
        "hear": assign(lambda context, event: {"answers": [*context["answers"], event.data["text"]]}),
        "miss": assign(lambda context, event: {"answers": [*context["answers"], event.data["errorName"]]}),
    },
).create_machine(
    {
        "id": "shift",
        "context": {"coins": 0, "rings": 0, "answers": []},
        "initial": "open",
        "states": {
            "open": {
                "on": {
                    "evt.slot.coin": {"actions": "take"},
                    "evt.slot.call": "calling",
                    "evt.slot.over": "over",
                },
                "after": {10 * MINUTE * 1000: {"target": "open", "reenter": True, "actions": "ring"}},
            },
            "calling": {
                "entry": emit(lambda event: {"type": "com.phone.call", "data": {"text": event.data["text"]}}),
                "on": {
                    "evt.phone.call.success": {"target": "open", "actions": "hear"},
                    "sys.com.phone.call.error": {"target": "open", "actions": "miss"},
                },
                "after": {25 * MINUTE * 1000: {"target": "open", "actions": "ring"}},
            },
            "over": {"type": "final"},
        },
        "output": lambda context: context,
    }
)
EVENTS = st.sampled_from(["coin", "coin", "coin", "call"])
STRETCHES = st.sampled_from([0.0, 0.2])
"""How fast a worker is: one that pauses after each turn, where a run may end as well, and one that does not."""


def said(subject: str, what: str) -> ArvoEvent:
    """Return what a slot says."""
    data: dict[str, dict[str, Any]] = {"coin": {"worth": 5}, "call": {"text": "hello"}, "over": {}}
    return create_arvo_event_factory(SLOT.version("1.0.0")).emits(
        type=f"evt.slot.{what}", source="com.slot.open", subject=subject, to="arvo.orc.shift", data=data[what]
    )


def start_shift() -> ArvoEvent:
    """Return the init event of a new shift."""
    return create_arvo_orchestrator_event_factory(SHIFT.version("1.0.0")).init(
        source="com.test.app", data={"parentSubject$$": None}
    )


def answer_to(request: ArvoEvent) -> ArvoEvent:
    """Return what the phone answers."""
    return create_arvo_event_factory(PHONE.version("1.0.0")).emits(
        type="evt.phone.call.success",
        source="com.phone.call",
        id=f"answer to {request.id}",
        subject=request.subject,
        to="arvo.orc.shift",
        data={"text": request.data["text"]},
    )


GARBAGE: list[tuple[str, list[Payload]]] = [
    ("deliver", [payload(b"null")]),
    ("deliver", [payload(b"\xff\x00")]),
    ("deliver", [payload(b"{}", b"binary/foreign")]),
    ("deliver", []),
    ("diliver", [payload(b"{}")]),
    ("deliver_all", [payload(b"5"), payload(b'["x"]'), payload(b'{"no": "event"}')]),
    ("deliver", [event_payload(said(start_shift().subject, "coin"))]),
]


class Interleavings(RuleBasedStateMachine):
    """Does the same to an orchestration that is interrupted and to one that is not."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()

    @initialize(deliveries_per_run=st.integers(1, 6), stretch=STRETCHES)
    def start(self, deliveries_per_run: int, stretch: float) -> None:
        self.patch.setattr(pace, "_STRETCH", stretch)
        init = start_shift()
        orchestrator = create_arvo_orchestrator(executionunits=1, machines=[MACHINE])
        app = ArvoApp(
            orchestrators=[orchestrator],
            task_queues={"com.phone.call": "elsewhere"},
            limits=Limits(deliveries_per_run=deliveries_per_run),
        )
        self.subject = init.subject
        self.sent = [init]
        self.interrupted = InProcess(app, init)
        self.uninterrupted = Uninterrupted(orchestrator, init)

    @rule(whats=st.lists(EVENTS, min_size=1, max_size=4), together=st.booleans())
    def deliver(self, whats: list[str], together: bool) -> None:
        events = [said(self.subject, what) for what in whats]
        self._signal(events, together)
        self.sent.extend(events)

    @rule(positions=st.lists(st.integers(0, 1000), min_size=1, max_size=3), together=st.booleans())
    def repeat(self, positions: list[int], together: bool) -> None:
        self._signal([self.sent[position % len(self.sent)] for position in positions], together)

    @rule(what=EVENTS)
    def execute(self, what: str) -> None:
        event = said(self.subject, what)
        answer = self.interrupted.update("execute", event_payload(event))
        assert answer["fate"] == self.uninterrupted.deliver(event)
        self.sent.append(event)

    @rule()
    def violate_a_contract(self) -> None:
        event = replace(said(self.subject, "coin"), data={"worth": "much"})
        assert self.interrupted.update("execute", event_payload(event)) is None
        self._signal([event], together=False)
        self.sent.append(event)

    @rule(garbage=st.sampled_from(GARBAGE))
    def send_garbage(self, garbage: tuple[str, list[Payload]]) -> None:
        self.interrupted.signal(garbage)
        self.uninterrupted.refuse(max(len(garbage[1]), 1))

    @rule(position=st.integers(0, 1000))
    def redrive(self, position: int) -> None:
        event = self.sent[position % len(self.sent)]
        answer = self.interrupted.update("redrive", event_payload(event))
        if answer is None:
            assert self.uninterrupted.fates[event.id] is Fate.REFUSED
        else:
            assert answer["fate"] == self.uninterrupted.deliver(event, again=True)

    @rule(minutes=st.sampled_from([1, 9, 10, 11, 24, 25, 40]))
    def advance(self, minutes: int) -> None:
        self.interrupted.advance(minutes * MINUTE)
        self.uninterrupted.advance(minutes * MINUTE)

    @precondition(lambda self: self.interrupted.waiting)
    @rule()
    def answer(self) -> None:
        request, *_ = self.interrupted.waiting
        answer = answer_to(request)
        self.interrupted.answer(request.id, payload(b"[%s]" % answer.to_json_bytes()))
        self.uninterrupted.deliver(answer)

    @precondition(lambda self: self.interrupted.waiting)
    @rule(garbage=st.sampled_from([b"null", b"5", b'{"a": 1}', b'["x"]', b'[{"no": "event"}]', b"\xff"]))
    def answer_with_garbage(self, garbage: bytes) -> None:
        request, *_ = self.interrupted.waiting
        self.interrupted.answer(request.id, payload(garbage))
        self.uninterrupted.deliver(stand_in_error(request, self.subject, "InvalidAnswer", ""))

    @rule(stretch=STRETCHES)
    def restart(self, stretch: float) -> None:
        self.patch.setattr(pace, "_STRETCH", stretch)
        self.interrupted.restart()

    @rule()
    def lose_the_next_task(self) -> None:
        self.interrupted.lose_next_task()

    def teardown(self) -> None:
        try:
            if hasattr(self, "interrupted"):
                self._end()
        finally:
            self.patch.undo()

    def _end(self) -> None:
        """Let the shift end, and compare."""
        while self.interrupted.waiting:
            self.answer()
        self._signal([said(self.subject, "over")], together=False)
        ledger = self.interrupted.query("ledger")
        record = self.uninterrupted.record
        assert record is not None
        assert record["status"] == "done"
        assert self.interrupted.result["state"] == record["state"]
        assert ledger["counts"] == dict(self.uninterrupted.counts)
        asked = {key: event.data for key, event in self.interrupted.requests.items()}
        assert asked == {
            event.id: event.data for event in self.uninterrupted.produced.values() if event.type == "com.phone.call"
        }

    def _signal(self, events: list[ArvoEvent], together: bool) -> None:
        payloads = [event_payload(event) for event in events]
        if together:
            self.interrupted.signal(("deliver_all", payloads))
        else:
            self.interrupted.signal(*(("deliver", [one]) for one in payloads))
        for event in events:
            self.uninterrupted.deliver(event)


def test_whatever_comes_between_the_outcome_is_that_of_the_uninterrupted_run() -> None:
    run_state_machine_as_test(Interleavings, settings=settings(max_examples=120, stateful_step_count=30, deadline=None))
