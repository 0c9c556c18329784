"""The requests of an orchestration that have failed for good, kept so that they can be sent again."""

from __future__ import annotations

from collections.abc import Iterable

from arvo.events import ArvoEvent

_MOST_REQUESTS = 64
_MOST_BYTES = 256 * 1024
"""All of them are carried from run to run, where record and inbox have to fit as well."""


class FailedRequests:
    """The newest requests that were answered by a system error; older ones are forgotten where there are too many."""

    def __init__(self) -> None:
        self._requests: list[tuple[ArvoEvent, int]] = []

    def add(self, request: ArvoEvent) -> None:
        """Keep a request that has failed; one that is too large to be carried is not kept."""
        self._requests.append((request, len(request.to_json_bytes())))
        while len(self._requests) > _MOST_REQUESTS or sum(size for _, size in self._requests) > _MOST_BYTES:
            del self._requests[0]

    def named(self, event_id: str | None) -> list[ArvoEvent]:
        """Return the requests of this id, or all of them, oldest first: authors may give several requests one id."""
        return [request for request, _ in self._requests if event_id in (None, request.id)]

    def take(self, event_id: str | None) -> list[ArvoEvent]:
        """Remove and return what `named` returns."""
        taken = self.named(event_id)
        self._requests = [kept for kept in self._requests if event_id not in (None, kept[0].id)]
        return taken

    def restore(self, requests: Iterable[ArvoEvent]) -> None:
        """Keep what an earlier run has kept."""
        for request in requests:
            self.add(request)
