"""The requests of an orchestration that have failed for good, kept so that they can be sent again."""

from __future__ import annotations

from collections.abc import Iterable

from adapter.troubles import TroubleKind
from arvo.events import ArvoEvent
from workflows.trouble import Troubles

_MOST_REQUESTS = 64
_MOST_BYTES = 256 * 1024
"""All of them are carried from run to run, where record and inbox have to fit as well."""


class FailedRequests:
    """The newest requests that were answered by a system error; older ones are forgotten where there are too many.

    Args:
        troubles: Where a request is noted until it is sent again, kept here or not.
    """

    def __init__(self, troubles: Troubles) -> None:
        self._troubles = troubles
        self._requests: list[tuple[ArvoEvent, int]] = []

    def fail(self, request: ArvoEvent, code: str, since: str) -> None:
        """Note that a request has failed, and keep it; one that is too large to be carried is not kept.

        Args:
            request: The request.
            code: Name of the error.
            since: When it has failed, in ISO 8601.
        """
        self._troubles.begin(TroubleKind.FAILED, request, since=since, code=code)
        self._keep(request)

    def named(self, event_id: str | None) -> list[ArvoEvent]:
        """Return the requests of this id, or all of them, oldest first: authors may give several requests one id."""
        return [request for request, _ in self._requests if event_id in (None, request.id)]

    def take(self, event_id: str | None) -> list[ArvoEvent]:
        """Remove and return what `named` returns."""
        taken = self.named(event_id)
        self._requests = [kept for kept in self._requests if event_id not in (None, kept[0].id)]
        for request in taken:
            self._troubles.end(TroubleKind.FAILED, request)
        return taken

    def remove(self, request: ArvoEvent) -> None:
        """Keep a request no longer, as it is answered now."""
        self._requests = [kept for kept in self._requests if kept[0] is not request]
        self._troubles.end(TroubleKind.FAILED, request)

    def restore(self, requests: Iterable[ArvoEvent]) -> None:
        """Keep what an earlier run has kept."""
        for request in requests:
            self._keep(request)

    def _keep(self, request: ArvoEvent) -> None:
        self._requests.append((request, len(request.to_json_bytes())))
        while len(self._requests) > _MOST_REQUESTS or sum(size for _, size in self._requests) > _MOST_BYTES:
            del self._requests[0]
