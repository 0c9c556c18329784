"""Troubles that need no cure: somebody dismisses them, and what they are about is not sent again."""

from __future__ import annotations

from temporalio.common import RawValue

from adapter.failures import refusal
from adapter.ledger import Fate, Ledger
from adapter.troubles import Trouble, TroubleKind
from arvo.errors import shorten
from workflows.arguments import dismissal_of
from workflows.failed_requests import FailedRequests
from workflows.trouble import Troubles

_FATES = {TroubleKind.REFUSED: Fate.REFUSED, TroubleKind.UNHANDLED: Fate.UNHANDLED}


class Dismissing:
    """Ends troubles of one orchestration that need no cure.

    Args:
        ledger: Where the events of these troubles stand.
        troubles: The troubles.
        failed: The requests that some of them are about.
    """

    def __init__(self, ledger: Ledger, troubles: Troubles, failed: FailedRequests) -> None:
        self._ledger = ledger
        self._troubles = troubles
        self._failed = failed

    def check(self, wanted: RawValue) -> None:
        """Raise the violation that dismissing would raise now, changing nothing.

        Raises:
            ArvoError: There is no such trouble, or the argument cannot be read.
        """
        dismissal = dismissal_of(wanted)
        kinds = dismissal.kinds()
        about = [trouble.kind for trouble in self._troubles.about(dismissal.id)]
        present = self._troubles.kinds() if dismissal.id is None else about
        if not set(kinds) & set(present):
            which = "no trouble" if dismissal.kind is None else f"no trouble '{dismissal.kind}'"
            whose = f" about the event {shorten(dismissal.id)}" if dismissal.id is not None else ""
            raise refusal(f"This orchestration has {which}{whose}: it was cured, or dismissed already.")

    def dismiss(self, wanted: RawValue) -> list[Trouble]:
        """End troubles, and return those that were kept one by one."""
        dismissal = dismissal_of(wanted)
        dismissed = self._troubles.dismiss(dismissal.id, dismissal.kind)
        kinds = dismissal.kinds()
        self._ledger.dismiss(dismissal.id, [_FATES[kind] for kind in kinds if kind in _FATES])
        if TroubleKind.FAILED in kinds:
            self._failed.take(dismissal.id)
        return dismissed
