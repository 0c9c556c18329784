"""The desk where a person approves large orders: a stand-in for a form, a chat message or a mobile app."""

from __future__ import annotations

from arvo import ArvoEvent, create_arvo_event_factory
from examples.orders import contracts
from examples.orders.contracts import ApprovalRequest

REJECTED_ABOVE = 1_000_000
"""The desk rejects orders above this total, in cents."""


class ApprovalDesk:
    """Keeps the requests that wait for a decision; it is the publisher of the domain `external`.

    Attributes:
        waiting: Requests without a decision, by event id: one that is delivered twice lies there once.
    """

    def __init__(self) -> None:
        self.waiting: dict[str, ArvoEvent] = {}

    async def receive(self, request: ArvoEvent) -> None:
        """Put a request on the desk."""
        self.waiting[request.id] = request

    def decide(self, request: ArvoEvent) -> ArvoEvent:
        """Decide a request, and return the event that says so to its order."""
        self.waiting.pop(request.id, None)
        approved = request.data_as(ApprovalRequest).amount <= REJECTED_ABOVE
        return create_arvo_event_factory(contracts.approval.version("1.0.0")).emits(
            id=f"decision-{request.id}",
            type="evt.approval.decided",
            source="com.approval.request",
            subject=request.subject,
            to=request.source,
            parentid=request.id,
            domain="external",
            data={"approved": approved, "by": "the desk"},
        )
