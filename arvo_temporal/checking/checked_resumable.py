"""A resumable under check: what its functions do is not read, so only its contracts are."""

from __future__ import annotations

from dataclasses import dataclass

from arvo.checking import Finding, Severity
from arvo.orchestration import ArvoResumable


@dataclass(frozen=True)
class CheckedResumable:
    """A resumable to check.

    Attributes:
        resumable: The resumable.
    """

    resumable: ArvoResumable

    def takes(self, type_: str, /) -> bool:
        """Whether events of a type are taken: a function is called with all of them."""
        return True

    def finding(
        self,
        severity: Severity,
        rule: str,
        problem: str,
        cure: str,
        *,
        path: str = "",
        state: str | None = None,
        event: str | None = None,
    ) -> Finding:
        """Return a finding about this resumable."""
        return Finding(
            severity=severity,
            rule=rule,
            problem=problem,
            cure=cure,
            machine=self.resumable.source,
            version=self.resumable.self_contract.version,
            path=path,
            state=state,
            event=event,
        )
