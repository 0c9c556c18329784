"""What a check has found: as typed data, as text, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """It cannot do what was meant."""
    WARNING = "warning"
    """It can go wrong, or does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A mistake that shows before anything runs.

    Attributes:
        severity: How bad it is.
        rule: Which kind of mistake; the same from release to release, such as `unmatched-event`.
        problem: What is wrong.
        cure: What to write instead.
        machine: Type of the orchestrator whose machine it is about, or None if it is about an app.
        version: The version of that machine.
        path: Where: a path in the machine's config such as `states.idle.on`, or the argument of the app.
        state: Id of the state that it is about, or None.
        event: Type of the event that it is about, or None.
    """

    severity: Severity
    rule: str
    problem: str
    cure: str
    machine: str | None = None
    version: str | None = None
    path: str = ""
    state: str | None = None
    event: str | None = None

    @property
    def place(self) -> str:
        """Where it is, for people."""
        owner = f"{self.machine} {self.version}" if self.machine else "ArvoApp"
        return f"{owner}, {self.path}" if self.path else owner

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; the keys are the names of its attributes, in a fixed order."""
        return {
            "severity": self.severity.value,
            "rule": self.rule,
            "machine": self.machine,
            "version": self.version,
            "path": self.path,
            "state": self.state,
            "event": self.event,
            "problem": self.problem,
            "cure": self.cure,
        }

    def __str__(self) -> str:
        return f"{self.severity.value}: {self.place}: {self.problem} [{self.rule}]\n    -> {self.cure}"


class ArvoWarning(UserWarning):
    """Something that is allowed and looks like a mistake, told where it is created.

    Attributes:
        finding: What was found.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)  # what a copy is made of
        self.finding = finding

    def __str__(self) -> str:
        finding = self.finding
        return f"{finding.place}: {finding.problem}. To fix: {finding.cure}. [{finding.rule}]"


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings once each: errors first, and within that in the order in which they were found."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda one: one.severity is not Severity.ERROR))
