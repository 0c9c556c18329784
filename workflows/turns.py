"""What waits gets its turn: one at a time, in the order of arrival, and each has its fate by the end of it."""

from __future__ import annotations

import asyncio

from temporalio.exceptions import FailureError

from adapter.ledger import Fate
from adapter.payload import events_from_json
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from workflows.attributes import OwnAttributes
from workflows.fates import Fates
from workflows.inbox import Delivery, DueTimer, Inbox, Item, Outcome, Repetition, Unacceptable
from workflows.pace import Pace
from workflows.steps import Steps

_REPEATED = "An event of this source and id has arrived before."
_SUPERSEDED = "The request that it answers has been answered in the place of its service before."
_CLOSED = "The orchestration is closed."


class Turns:
    """Gives what waits in the inbox its turn.

    Args:
        inbox: What waits.
        fates: Where it is entered what became of it.
        steps: What consumes it.
        attributes: The search attributes that show what it came to.
    """

    def __init__(self, inbox: Inbox, fates: Fates, steps: Steps, attributes: OwnAttributes) -> None:
        self._inbox = inbox
        self._fates = fates
        self._steps = steps
        self._attributes = attributes

    async def give(self, pace: Pace) -> bool:
        """Give turns until nothing waits, a pause is due, a step has taken its time, or the orchestration is closed.

        Returns:
            Whether a pause is due. After a call none is, but the run may be full: each call makes its history longer.

        Raises:
            FailureError: The orchestration was cancelled while a step took its time: its event is late. Or its init
                event was refused.
        """
        steps, pause_is_due = self._steps, False
        steps.marks.begin()
        pace.begin(steps.marks)
        waits = steps.waits
        while self.are_wanted() and not pause_is_due and steps.waits == waits:
            await self._give_to(self._inbox.take())
            pace.count_turn()
            if steps.waits == waits and self.are_wanted():
                pause_is_due = pace.pause_is_due(steps.marks)
        steps.marks.settle()
        self._attributes.show(steps.record, closed=steps.closed)
        return pause_is_due

    def give_last(self) -> None:
        """Give all that waits its turn after the orchestration was closed: now events are late."""
        while self._inbox:
            item = self._inbox.take()
            if isinstance(item, Delivery):
                item.outcome = self._late(item.event)
            else:
                self._settle(item)

    def are_wanted(self) -> bool:
        """Tell whether something waits that can be consumed."""
        return bool(self._inbox) and not self._steps.closed

    def are_due(self) -> bool:
        """Tell whether turns are to be given: for what waits, or to show what has changed without one."""
        return self.are_wanted() or self._attributes.lag_behind()

    async def _give_to(self, item: Item) -> None:
        match item:
            case Delivery(event):
                try:
                    item.outcome = await self._steps.consume(event)
                except (asyncio.CancelledError, FailureError) as error:
                    if isinstance(error.__cause__, ArvoError):
                        item.outcome = Outcome(Fate.REFUSED, error=error.__cause__)
                    else:
                        item.outcome = self._late(event)
                    raise
            case DueTimer():
                await self._steps.fire(item)
            case _:
                self._settle(item)

    def _settle(self, item: Item) -> None:
        """Give its turn to what makes no step."""
        match item:
            case Repetition(delivery):
                delivery.outcome = self._repeated(delivery.event)
            case Unacceptable(event, error, text):
                self._fates.refuse(event, error, text)

    def _late(self, event: ArvoEvent) -> Outcome:
        self._fates.enter(event, Fate.LATE, reason=_CLOSED)
        return Outcome(Fate.LATE, reason=_CLOSED)

    def _repeated(self, event: ArvoEvent) -> Outcome:
        """Return the outcome of a repetition: with what the event has produced, if that was the last step."""
        reason = _SUPERSEDED if self._inbox.resolved.replaces(event) else _REPEATED
        self._fates.enter(event, Fate.DUPLICATE, reason=reason)
        last = self._steps.record.get("events") if self._steps.record else None
        consumed = last["consumed"] if last else None
        is_last = consumed is not None and (consumed["source"], consumed["id"]) == event.key
        produced = events_from_json(last["produced"]) if last and is_last else ()
        return Outcome(Fate.DUPLICATE, tuple(produced), reason=reason)
