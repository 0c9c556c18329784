"""Delayed transitions (`after`, delayed `raise_`) as durable timers of the workflow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from arvo.statechart import Cancel, Schedule
from arvo.surroundings import deterministic_ids
from workflows.carried_state import CarriedTimer
from workflows.clock import Clock
from workflows.inbox import DueTimer, Inbox


@dataclass(eq=False, slots=True)
class ArmedTimer:
    """A delayed transition that waits for its time.

    Attributes:
        timer: What happens then; its schedule has the whole delay.
        due: When, in seconds since the epoch.
        task: What waits.
    """

    timer: DueTimer
    due: float
    task: asyncio.Task[None]


def _type_of(schedule: Schedule) -> str:
    return str(schedule.event["type"])


class Timers:
    """The armed delayed transitions of one orchestration; those that are due go into the inbox.

    Args:
        inbox: Where they wait for their turn once their time has come.
        clock: What they wait by.
        summarize: Says what the Temporal UI shows of one.
    """

    def __init__(self, inbox: Inbox, clock: Clock, summarize: Callable[[Schedule], str] = _type_of) -> None:
        self._inbox = inbox
        self._clock = clock
        self._summarize = summarize
        self._armed: dict[str, ArmedTimer] = {}
        self._firings: dict[str | None, dict[str, None]] = {}

    def apply(self, effects: Iterable[Schedule | Cancel], *cause: str) -> None:
        """Arm and cancel as a step asks for; each timer is named after what `cause` names, which caused the step."""
        firing_ids = deterministic_ids(*cause, "timers")
        for effect in effects:
            if effect.id is not None:
                self._cancel(effect.id)
            if isinstance(effect, Schedule):
                self._arm(DueTimer(effect, firing_ids()), self._clock.time() + effect.delay_ms / 1000)

    def cancel_all(self) -> None:
        """Cancel everything: the machine is no longer active."""
        for armed in self._armed.values():
            armed.task.cancel()
        self._armed.clear()
        self._firings.clear()

    def armed(self) -> list[ArmedTimer]:
        """Return what waits for its time, the nearest first."""
        return sorted(self._armed.values(), key=lambda armed: armed.due)

    def carry(self) -> list[CarriedTimer]:
        """Return the armed timers for the next run, after those that are due and wait for their turn."""
        now = self._clock.time()
        due = [_carried(timer, now) for timer in self._inbox.due()]
        return due + [_carried(armed.timer, armed.due) for armed in self._armed.values()]

    def restore(self, carried: Iterable[CarriedTimer]) -> None:
        """Arm what an earlier run has carried over."""
        now = self._clock.time()
        for timer in carried:
            remaining = max(0.0, (timer.due - now) * 1000)
            delay = remaining if timer.delay_ms is None else timer.delay_ms
            schedule = Schedule(id=timer.id, event=timer.event, delay_ms=delay)
            self._arm(DueTimer(schedule, timer.firing_id), timer.due)

    def _cancel(self, schedule_id: str) -> None:
        """Cancel a delayed transition, also after its time has come; an unknown id is nothing to cancel (XState)."""
        for firing_id in self._firings.pop(schedule_id, ()):
            self._armed.pop(firing_id).task.cancel()
        self._inbox.drop_due(schedule_id)

    def _arm(self, timer: DueTimer, due: float) -> None:
        async def wait() -> None:
            await self._clock.sleep(max(due - self._clock.time(), 0.0), self._summarize(timer.schedule))
            self._disarm(timer)
            self._inbox.add_due(timer)

        self._armed[timer.firing_id] = ArmedTimer(timer, due, asyncio.create_task(wait()))
        self._firings.setdefault(timer.schedule.id, {})[timer.firing_id] = None

    def _disarm(self, timer: DueTimer) -> None:
        del self._armed[timer.firing_id]
        firings = self._firings[timer.schedule.id]
        del firings[timer.firing_id]
        if not firings:
            del self._firings[timer.schedule.id]


def _carried(timer: DueTimer, due: float) -> CarriedTimer:
    schedule = timer.schedule
    return CarriedTimer(
        id=schedule.id, event=dict(schedule.event), due=due, firing_id=timer.firing_id, delay_ms=schedule.delay_ms
    )
