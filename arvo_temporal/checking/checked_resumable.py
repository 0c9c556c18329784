"""A resumable under check: what its functions do is not read, so only its contracts are."""

from __future__ import annotations

from dataclasses import dataclass

from arvo.checking import Checked
from arvo.contracts import VersionedArvoContract


@dataclass(frozen=True, eq=False)
class CheckedResumable(Checked):
    """A resumable to check, by the contract that it implements."""

    own: VersionedArvoContract

    def takes(self, type_: str) -> bool:
        """Tell that it takes events of a type: a function is called with all of them."""
        return True
