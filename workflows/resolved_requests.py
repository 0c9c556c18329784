"""The requests that somebody has answered in the place of their service, so that what it says later counts no more."""

from __future__ import annotations

from collections.abc import Mapping

from arvo.events import ArvoEvent
from workflows.keys import digest, key_of

_MOST = 256


class ResolvedRequests:
    """Remembers requests and the answers that were given for them; the oldest ones are forgotten.

    Args:
        resolved: What an earlier run has remembered: keys of the answers by keys of the ids of their requests.
    """

    def __init__(self, resolved: Mapping[str, str]) -> None:
        self._resolved = dict(resolved)

    def add(self, answer: ArvoEvent) -> None:
        """Remember that an answer has taken the place of all others to its request."""
        self._resolved[_key(str(answer.parentid))] = key_of(answer)
        while len(self._resolved) > _MOST:
            del self._resolved[next(iter(self._resolved))]

    def forget(self, request: ArvoEvent) -> None:
        """Let answers count again, as a request of this id goes out anew."""
        if self._resolved:
            self._resolved.pop(_key(request.id), None)

    def has(self, request_id: str | None) -> bool:
        """Tell whether a request was answered in the place of its service."""
        return request_id is not None and _key(request_id) in self._resolved

    def replaces(self, event: ArvoEvent) -> bool:
        """Tell whether an event is an answer whose place another one has taken."""
        if not self._resolved or event.parentid is None:
            return False
        return self._resolved.get(_key(event.parentid)) not in (None, key_of(event))

    def carry(self) -> dict[str, str]:
        """Return what the next run needs, oldest first."""
        return dict(self._resolved)


def _key(request_id: str) -> str:
    return digest("", request_id)
