"""Delayed transitions (`after`, delayed `raise_`) as durable timers of the workflow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from temporalio import workflow

from arvo.statechart import Cancel, Schedule
from arvo.surroundings import deterministic_ids
from workflows.carried import CarriedTimer
from workflows.inbox import DueTimer


@dataclass(eq=False, slots=True)
class _Armed:
    timer: DueTimer
    due: float
    task: asyncio.Task[None]


class Timers:
    """The armed delayed transitions of one orchestration.

    Args:
        on_due: Called with a timer when its time has come.
        on_cancel: Called with the id of a schedule that is cancelled, also after its time had come.
    """

    def __init__(self, on_due: Callable[[DueTimer], None], on_cancel: Callable[[str], None]) -> None:
        self._on_due = on_due
        self._on_cancel = on_cancel
        self._armed: dict[str, _Armed] = {}

    def apply(self, effects: Iterable[Schedule | Cancel], cause_id: str) -> None:
        """Arm and cancel as a step asks for; each timer is named after `cause_id`, which caused the step."""
        firing_ids = deterministic_ids(cause_id, "timers")
        for effect in effects:
            if effect.id is not None:
                self.cancel(effect.id)
            if isinstance(effect, Schedule):
                self._arm(DueTimer(effect, firing_ids()), workflow.time() + effect.delay_ms / 1000)

    def cancel(self, schedule_id: str) -> None:
        """Cancel a delayed transition; an unknown id is nothing to cancel (XState's rule)."""
        for firing_id, armed in list(self._armed.items()):
            if armed.timer.schedule.id == schedule_id:
                armed.task.cancel()
                del self._armed[firing_id]
        self._on_cancel(schedule_id)

    def cancel_all(self) -> None:
        """Cancel everything: the machine is no longer active."""
        for armed in self._armed.values():
            armed.task.cancel()
        self._armed.clear()

    def carry(self, waiting: Iterable[DueTimer]) -> list[CarriedTimer]:
        """Return the armed timers for the next run, after those that are due and wait for their turn."""
        now = workflow.time()
        due = [_carried(timer, now) for timer in waiting]
        return due + [_carried(armed.timer, armed.due) for armed in self._armed.values()]

    def restore(self, carried: Iterable[CarriedTimer]) -> None:
        """Arm what an earlier run has carried over."""
        now = workflow.time()
        for timer in carried:
            remaining = max(0.0, (timer.due - now) * 1000)
            schedule = Schedule(id=timer.id, event=timer.event, delay_ms=remaining)
            self._arm(DueTimer(schedule, timer.firing_id), timer.due)

    def _arm(self, timer: DueTimer, due: float) -> None:
        async def wait() -> None:
            await workflow.sleep(max(due - workflow.time(), 0.0), summary=str(timer.schedule.event["type"]))
            del self._armed[timer.firing_id]
            self._on_due(timer)

        self._armed[timer.firing_id] = _Armed(timer, due, asyncio.create_task(wait()))


def _carried(timer: DueTimer, due: float) -> CarriedTimer:
    schedule = timer.schedule
    return CarriedTimer(id=schedule.id, event=dict(schedule.event), due=due, firing_id=timer.firing_id)
