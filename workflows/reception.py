"""Reception: what arrives by signals and updates goes into the inbox; only an update can be rejected at the door."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

from adapter.failures import refusal
from adapter.identity import with_subject
from adapter.limits import check_fields
from arvo.events import ArvoEvent
from workflows.arguments import retried_id, texts_of_signal
from workflows.emission import Emission
from workflows.failed_requests import FailedRequests
from workflows.inbox import Inbox, Outcome, foreign
from workflows.steps import Steps


class Reception:
    """Receives what arrives for one orchestration.

    Args:
        subject: The subject of the orchestration.
        inbox: Where what has arrived waits.
        steps: What is going to consume it.
        emission: What sends requests again.
        failed: The requests that have failed.
    """

    def __init__(self, subject: str, inbox: Inbox, steps: Steps, emission: Emission, failed: FailedRequests) -> None:
        self._subject = subject
        self._inbox = inbox
        self._steps = steps
        self._emission = emission
        self._failed = failed

    def arrive(self, name: str, args: Sequence[RawValue]) -> None:
        """Receive a signal; what is in it is read, or refused, when its turn comes."""
        for text in texts_of_signal(name, args):
            self._inbox.add_text(text)

    def check(self, event: ArvoEvent) -> None:
        """Raise the violation that consuming `event` now would raise, changing nothing.

        Raises:
            ArvoError: As `ArvoOrchestrator.step` does; also for an event of another subject.
        """
        check_fields(event)
        event = with_subject(event, self._subject)
        if event.subject != self._subject:
            raise foreign(event, self._subject)
        inbox = self._inbox
        has_outcome = inbox.waiting(event) is not None or inbox.has_consumed(event) or inbox.resolved.replaces(event)
        if not self._steps.closed and not has_outcome:
            self._steps.rehearse(event)

    async def answer(self, event: ArvoEvent, *, again: bool = False) -> Outcome:
        """Receive an event and wait for what becomes of it; one that waits already shares its outcome.

        Args:
            event: The event.
            again: Whether it is sent again on purpose: one that was unhandled is then no repetition.
        """
        if again:
            self._inbox.forget_unhandled(event)
        delivery = self._inbox.join(event)
        await workflow.wait_condition(lambda: delivery.outcome is not None)
        assert delivery.outcome is not None
        return delivery.outcome

    def check_retry(self, wanted: RawValue) -> None:
        """Raise the violation that a retry is which finds nothing to send again, changing nothing.

        Raises:
            ArvoError: No failed request has this id, or it is no id.
        """
        event_id = retried_id(wanted)
        if not self._failed.named(event_id) and not self._on_their_way(event_id):
            which = "failed request" if event_id is None else f"failed request of the id '{event_id}'"
            raise refusal(
                f"This orchestration has no {which}: none has failed, it was sent again already, was too large to be "
                "kept, or has made room for newer ones."
            )

    def retry(self, wanted: RawValue) -> list[ArvoEvent]:
        """Send failed requests again, under their own ids, and return them; those that are on their way too."""
        event_id = retried_id(wanted)
        requests = self._failed.take(event_id)
        for request in requests:
            self._emission.emit(request, "again")
        return requests or self._on_their_way(event_id)

    def _on_their_way(self, event_id: str | None) -> list[ArvoEvent]:
        """Return the requests of an id that are on their way: sending them again is done already."""
        return [request for request in self._emission.requests() if request.id == event_id]
