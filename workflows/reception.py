"""Reception: what arrives by signals and updates goes into the inbox, or is refused at the door."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

from adapter.payload import json_of
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from workflows.arguments import events_of_signal
from workflows.details import show_details
from workflows.fates import Fates
from workflows.inbox import Inbox, Outcome, foreign
from workflows.steps import Steps


class Reception:
    """Receives what arrives for one orchestration.

    Args:
        subject: The subject of the orchestration.
        inbox: Where what has arrived waits.
        fates: Where it is entered what was refused.
        steps: What is going to consume it.
    """

    def __init__(self, subject: str, inbox: Inbox, fates: Fates, steps: Steps) -> None:
        self._subject = subject
        self._inbox = inbox
        self._fates = fates
        self._steps = steps

    def arrive(self, name: str, args: Sequence[RawValue]) -> None:
        """Receive a signal; the events in it are read when their turns come."""
        try:
            payloads = events_of_signal(name, args)
        except ArvoError as error:
            self._refuse(error, args[0] if args else None)
            return
        for payload in payloads:
            try:
                self._inbox.add_text(json_of(payload))
            except ArvoError as error:
                self._refuse(error, payload)

    def check(self, event: ArvoEvent) -> None:
        """Raise the violation that consuming `event` now would raise, changing nothing.

        Raises:
            ArvoError: As `ArvoOrchestrator.step` does; also for an event of another subject.
        """
        if event.subject != self._subject:
            raise foreign(event, self._subject)
        has_outcome = self._inbox.waiting(event) is not None or self._inbox.has_consumed(event)
        if not self._steps.closed and not has_outcome:
            self._steps.rehearse(event)

    async def answer(self, event: ArvoEvent) -> Outcome:
        """Receive an event and wait for what becomes of it; one that waits already shares its outcome."""
        delivery = self._inbox.join(event)
        await workflow.wait_condition(lambda: delivery.outcome is not None)
        assert delivery.outcome is not None
        return delivery.outcome

    def _refuse(self, error: ArvoError, payload: RawValue | None) -> None:
        self._inbox.arrivals += 1
        self._fates.refuse(None, error, payload.payload.data.decode(errors="replace") if payload else "")
        show_details(self._steps.record, self._fates.ledger, len(self._inbox))
