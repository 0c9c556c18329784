"""The rules of counting: how many history events and billable actions come of what an orchestration does."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import add, attrgetter

_TASK = 3
"""Events of a workflow task: scheduled, started, completed."""
_ACTIVITY = 3
"""Events of an activity, however often it is tried: scheduled, started, completed."""
_CHILD = 3
"""Events of a child workflow in its parent: initiated, started, completed."""
_TIMER = 2
"""Events of a timer: started, and fired or cancelled."""
_MARK = 2
"""Events of a mark: the marker, and the search attribute that names it."""
_OUTBOX = 2
"""Events of an outbox: initiated, started. Its end is not waited for."""
_END_OF_ACTIVITY = 2
"""Events of the end of an activity: started, completed. Both are written when it has ended."""


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
        brief: Timers that may be cancelled in the workflow task in which they would start, so that they never do.
        unfinished: Activities whose end does not come any more.
        marks: Marks in the history, as one that says that something is open at the end.
        outboxes: Workflows that take over what has not left at the end.
        attributes: Changes of search attributes.
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
    brief: int = 0
    unfinished: int = 0
    marks: int = 0
    outboxes: int = 0
    attributes: int = 0
    ordered: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*map(add, _counts(self), _counts(other)))

    @property
    def tasks(self) -> Range:
        """Workflow tasks: what comes meanwhile shares one."""
        arrivals = self.signals + self.activities + 2 * self.children + self.fired + self.outboxes
        most = self.starts + arrivals
        return Range(min(self.starts + self.ordered, most), most)

    @property
    def events(self) -> Range:
        """History events."""
        fixed = self.starts + self.ends + self.signals + self.locals + self.attributes
        fixed += _ACTIVITY * self.activities + _CHILD * self.children + _TIMER * self.timers
        fixed += _MARK * self.marks + _OUTBOX * self.outboxes - _END_OF_ACTIVITY * self.unfinished
        least = fixed - _TIMER * self.brief
        return Range(least + _TASK * self.tasks.least, fixed + _TASK * self.tasks.most)

    @property
    def actions(self) -> Range:
        """Billable actions, without retries, heartbeats and queries.

        What leaves markers, local activities and marks, is one action in each workflow task; that of a part can share a
        task with what was before.
        """
        fixed = self.starts + self.signals + self.activities + self.timers + self.attributes
        fixed += 2 * self.children + 2 * self.outboxes + self.marks
        markers = self.locals + self.marks
        return Range(fixed - self.brief + min(markers, self.starts), fixed + markers)


_counts = attrgetter(*(one.name for one in fields(Tally)))
