"""What came of the vectors of a category."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Report:
    """What came of the lines of one category: `failures` and `skipped` say why, by the line's id."""

    category: str
    passed: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    apart: str = "mean nothing in Python"

    def __str__(self) -> str:
        apart = f" ({len(self.skipped)} {self.apart})" if self.skipped else ""
        lines = [f"{self.category}: {self.passed} passed, {len(self.failures)} failed{apart}"]
        lines += [f"  FAILED  {name}: {reason}" for name, reason in self.failures.items()]
        lines += [f"  apart   {name}: {reason}" for name, reason in self.skipped.items()]
        return "\n".join(lines)
