"""What becomes of delayed transitions, on a clock that is turned by hand."""

from __future__ import annotations

import asyncio

from arvo.statechart import Cancel, Schedule
from tests.apps import start_count
from workflows.inbox import Inbox
from workflows.timers import Timers

SUBJECT = start_count(goal=1).subject


class HandClock:
    """A clock that stands until it is turned."""

    def __init__(self, now: float = 1000.0) -> None:
        self._now = now
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def time(self) -> float:
        return self._now

    async def sleep(self, seconds: float, summary: str) -> None:
        awake = asyncio.Event()
        self._sleepers.append((self._now + seconds, awake))
        await awake.wait()

    async def turn(self, seconds: float) -> None:
        """Go on by so many seconds, and let what is due by then happen."""
        await _settled()
        self._now += seconds
        for moment, awake in self._sleepers:
            if moment <= self._now:
                awake.set()
        await _settled()


async def _settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def after(seconds: float, name: str = "a") -> Schedule:
    return Schedule(name, {"type": f"xstate.after.{name}"}, seconds * 1000)


def due(inbox: Inbox) -> list[str | None]:
    return [timer.schedule.id for timer in inbox.due()]


def timers(clock: HandClock) -> tuple[Timers, Inbox]:
    inbox = Inbox(SUBJECT, 10)
    return Timers(inbox, clock), inbox


async def test_each_waits_for_its_turn_once_its_time_has_come() -> None:
    clock = HandClock()
    waiting, inbox = timers(clock)
    waiting.apply([after(20, "b"), after(10, "a")], "cause")
    await clock.turn(9.9)
    assert due(inbox) == []
    await clock.turn(0.1)
    assert due(inbox) == ["a"]
    await clock.turn(60)
    assert due(inbox) == ["a", "b"]


async def test_one_that_is_scheduled_again_waits_anew() -> None:
    clock = HandClock()
    waiting, inbox = timers(clock)
    waiting.apply([after(10)], "cause")
    await clock.turn(9)
    waiting.apply([after(10)], "later")
    await clock.turn(9)
    assert due(inbox) == []
    await clock.turn(1)
    assert due(inbox) == ["a"]


async def test_a_cancelled_one_never_happens() -> None:
    clock = HandClock()
    waiting, inbox = timers(clock)
    waiting.apply([after(10), after(10, "b")], "cause")
    waiting.apply([Cancel("a"), Cancel("unknown")], "later")
    await clock.turn(10)
    assert due(inbox) == ["b"]


async def test_one_that_is_cancelled_after_its_time_had_come_does_not_happen_either() -> None:
    clock = HandClock()
    waiting, inbox = timers(clock)
    waiting.apply([after(10), after(10, "b")], "cause")
    await clock.turn(10)
    assert due(inbox) == ["a", "b"]
    waiting.apply([Cancel("a")], "later")
    assert due(inbox) == ["b"]


async def test_none_is_left_when_all_are_cancelled() -> None:
    clock = HandClock()
    waiting, inbox = timers(clock)
    waiting.apply([after(10), after(20, "b")], "cause")
    waiting.cancel_all()
    await clock.turn(60)
    assert due(inbox) == []
    assert waiting.carry() == []


async def test_one_that_is_open_keeps_its_time_and_its_name_in_the_next_run() -> None:
    clock = HandClock()
    waiting, _ = timers(clock)
    waiting.apply([after(10)], "cause")
    await clock.turn(4)
    (carried,) = waiting.carry()
    assert carried.due == 1010.0
    later, inbox = timers(clock)
    later.restore([carried])
    await clock.turn(5.9)
    assert due(inbox) == []
    await clock.turn(0.1)
    (timer,) = inbox.due()
    assert (timer.schedule.id, timer.firing_id) == ("a", carried.firing_id)


async def test_one_that_is_due_when_the_run_ends_happens_once_and_at_once_in_the_next_one() -> None:
    clock = HandClock()
    waiting, inbox = timers(clock)
    waiting.apply([after(10), after(30, "b")], "cause")
    await clock.turn(10)
    carried = waiting.carry()
    assert [timer.id for timer in carried] == ["a", "b"]
    assert carried[0].firing_id == inbox.due()[0].firing_id
    later, inbox = timers(clock)
    later.restore(carried)
    await clock.turn(0)
    assert due(inbox) == ["a"]
    await clock.turn(20)
    assert due(inbox) == ["a", "b"]


async def test_firings_are_named_after_what_caused_them() -> None:
    clock = HandClock()
    names = []
    for cause in ("one", "one", "two"):
        waiting, _ = timers(clock)
        waiting.apply([after(10), after(10, "b")], cause)
        names.append([timer.firing_id for timer in waiting.carry()])
    assert names[0] == names[1]
    assert len({*names[0], *names[2]}) == 4
