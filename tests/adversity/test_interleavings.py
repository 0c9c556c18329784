"""Whatever comes between: deliveries, repetitions, refusals, timers, new runs, lost workers and redrives.

The outcome is that of the uninterrupted run, which the orchestrator comes to by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from temporalio.api.common.v1 import Payload

from adapter.ledger import Fate
from adapter.limits import Limits
from arvo import ArvoEvent
from arvo.handling import stand_in_error
from arvo_temporal import ArvoApp
from tests.adversity.in_process import InProcess, Results, event_payload, payload
from tests.adversity.shift import MINUTE, answer_to, said, shifts, start_shift
from tests.adversity.uninterrupted import Uninterrupted
from tests.resumables import KINDS, Kind, context_of, output_of, policies_of
from workflows import pace

EVENTS = st.sampled_from(["coin", "coin", "coin", "call", "unlucky coin"])
STRETCHES = st.sampled_from([0.0, 0.2])
"""How fast a worker is: one that pauses after each turn, where a run may end as well, and one that does not."""


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
    """Does the same to an orchestration that is interrupted and to one that is not.

    Attributes:
        kind: What the orchestration is made of.
    """

    kind: Kind = "machine"

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.wanted: dict[int, Fate] = {}

    @initialize(deliveries_per_run=st.integers(1, 6), stretch=STRETCHES)
    def start(self, deliveries_per_run: int, stretch: float) -> None:
        self.patch.setattr(pace, "_STRETCH", stretch)
        init = start_shift()
        orchestrator = shifts(self.kind)
        app = ArvoApp(
            orchestrators=[orchestrator],
            task_queues={"com.phone.call": "elsewhere"},
            policies=policies_of("arvo.orc.shift", self.kind),
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
        self._update("execute", event)
        self.sent.append(event)

    @rule()
    def violate_a_contract(self) -> None:
        event = replace(said(self.subject, "coin"), data={"worth": "much"})
        self._update("execute", event)
        self._signal([event], together=False)
        self.sent.append(event)

    @rule(garbage=st.sampled_from(GARBAGE))
    def send_garbage(self, garbage: tuple[str, list[Payload]]) -> None:
        self.interrupted.signal(garbage)
        self.uninterrupted.refuse(max(len(garbage[1]), 1))

    @rule(position=st.integers(0, 1000))
    def redrive(self, position: int) -> None:
        self._finish_calls()  # One that still waits would share its outcome.
        self._update("redrive", self.sent[position % len(self.sent)])

    @rule(minutes=st.sampled_from([1, 9, 10, 11, 24, 25, 40]))
    def advance(self, minutes: int) -> None:
        self.interrupted.advance(minutes * MINUTE)
        self.uninterrupted.advance(minutes * MINUTE)

    @precondition(lambda self: self.interrupted.is_calling)
    @rule()
    def end_a_call(self) -> None:
        self.interrupted.call()

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
        self.uninterrupted.has_failures = True
        self.uninterrupted.deliver(stand_in_error(request, self.subject, "InvalidAnswer", ""))

    @rule(stretch=STRETCHES)
    def restart(self, stretch: float) -> None:
        self.patch.setattr(pace, "_STRETCH", stretch)
        self.interrupted.restart()

    @rule(results=st.sampled_from(get_args(Results)))
    def have_results(self, results: Results) -> None:
        self.interrupted.results = results

    @rule()
    def lose_the_next_task(self) -> None:
        self.interrupted.lose_next_task()

    @invariant()
    def what_is_answered_is_answered_right(self) -> None:
        """Who waits for an event is told what it comes to, at the latest when no call is under way any more."""
        answers, self.interrupted.answers = self.interrupted.answers, {}
        for number, answer in answers.items():
            assert (answer["fate"] if answer else Fate.REFUSED) == self.wanted.pop(number)
        assert self.interrupted.is_calling or not self.wanted

    @invariant()
    def trouble_is_shown(self) -> None:
        assert self.interrupted.is_calling or self.interrupted.trouble == self.uninterrupted.trouble

    def teardown(self) -> None:
        try:
            if hasattr(self, "interrupted"):
                self._end()
        finally:
            self.patch.undo()

    def _end(self) -> None:
        """Let the shift end, and compare."""
        self._finish_calls()
        while self.interrupted.waiting:
            self.answer()
            self._finish_calls()
        self._signal([said(self.subject, "over")], together=False)
        self._finish_calls()
        self.what_is_answered_is_answered_right()
        ledger = self.interrupted.query("ledger")
        record: Any = self.uninterrupted.record
        assert record["status"] == "done"
        assert context_of(self.interrupted.result) == context_of(record)
        assert output_of(self.interrupted.result) == output_of(record)
        assert ledger["counts"] == dict(self.uninterrupted.counts)
        asked = {key: event.data for key, event in self.interrupted.requests.items()}
        assert asked == {
            event.id: event.data for event in self.uninterrupted.produced.values() if event.type == "com.phone.call"
        }

    def _finish_calls(self) -> None:
        while self.interrupted.is_calling:
            self.interrupted.call()

    def _update(self, name: str, event: ArvoEvent) -> None:
        """Send an event for whose outcome somebody waits."""
        number = self.interrupted.update(name, event_payload(event))
        leaves_trace = number in self.interrupted.accepted
        self.wanted[number] = self.uninterrupted.deliver(event, again=name == "redrive", leaves_trace=leaves_trace)

    def _signal(self, events: list[ArvoEvent], together: bool) -> None:
        payloads = [event_payload(event) for event in events]
        if together:
            self.interrupted.signal(("deliver_all", payloads))
        else:
            self.interrupted.signal(*(("deliver", [one]) for one in payloads))
        for event in events:
            self.uninterrupted.deliver(event)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_whatever_comes_between_the_outcome_is_that_of_the_uninterrupted_run(kind: Kind) -> None:
    interleavings = type("Interleavings", (Interleavings,), {"kind": kind})
    examples = 120 if kind in KINDS[:2] else 40
    run_state_machine_as_test(
        interleavings, settings=settings(max_examples=examples, stateful_step_count=30, deadline=None)
    )
