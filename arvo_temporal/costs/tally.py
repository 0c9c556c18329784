"""The rules of counting: how many history events and billable actions come of what an orchestration does."""

from __future__ import annotations

from dataclasses import dataclass, fields

_TASK = 3
"""Events of a workflow task: scheduled, started, completed."""
_ACTIVITY = 3
"""Events of an activity, however often it is tried: scheduled, started, completed."""
_CHILD = 3
"""Events of a child workflow in its parent: initiated, started, completed."""
_TIMER = 2
"""Events of a timer: started, and fired or cancelled."""


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most of something."""

    least: int
    most: int

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"

    def __contains__(self, number: int) -> bool:
        return self.least <= number <= self.most

    def joined(self, other: Range) -> Range:
        """Return the range that holds both."""
        return Range(min(self.least, other.least), max(self.most, other.most))


@dataclass(frozen=True, slots=True)
class Tally:
    """What an orchestration does.

    Attributes:
        starts: Whether it begins (1), or this is a part of one that has begun (0).
        ends: Whether it ends.
        signals: Events that come by a signal each.
        activities: Emissions that are activities: handlers, deliveries, publishers.
        locals: Emissions that are local activities.
        children: Nested orchestrations.
        timers: Timers that start.
        fired: Those of them that fire.
        ordered: How many of these things can only come in a later workflow task than the one before.
    """

    starts: int = 0
    ends: int = 0
    signals: int = 0
    activities: int = 0
    locals: int = 0
    children: int = 0
    timers: int = 0
    fired: int = 0
    ordered: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def tasks(self) -> Range:
        """Workflow tasks: what comes meanwhile shares one."""
        arrivals = self.signals + self.activities + 2 * self.children + self.fired
        return Range(self.starts + self.ordered, self.starts + arrivals)

    @property
    def events(self) -> Range:
        """History events."""
        fixed = self.starts + self.ends + self.signals + self.locals
        fixed += _ACTIVITY * self.activities + _CHILD * self.children + _TIMER * self.timers
        return Range(fixed + _TASK * self.tasks.least, fixed + _TASK * self.tasks.most)

    @property
    def actions(self) -> Range:
        """Billable actions, without retries, heartbeats and queries.

        Local activities of one workflow task are one action; those of a part can share a task with what was before.
        """
        fixed = self.starts + self.signals + self.activities + 2 * self.children + self.timers
        return Range(fixed + min(self.locals, self.starts), fixed + self.locals)
