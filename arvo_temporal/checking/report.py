"""The findings of an app as text, as JSON, and as the error that keeps a worker from running."""

from __future__ import annotations

import json
from collections.abc import Sequence

from adapter.errors import AppError
from arvo.checking import Finding, Severity


class CheckFailedError(AppError):
    """An app has errors that show before anything runs, so that a worker refuses it.

    Attributes:
        findings: The errors.
    """

    code = "ARVO304"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(
            f"This app has {_counted(len(findings), 'error')}, so no worker runs it. Correct what is said above, or "
            "start the worker with --no-check."
        )


def refuse_errors(findings: Sequence[Finding]) -> None:
    """Refuse to run on what cannot work.

    Raises:
        CheckFailedError: There are errors among the findings.
    """
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise CheckFailedError(errors)


def findings_as_text(findings: Sequence[Finding]) -> str:
    """Return the findings for people: one after the other, and how many there are."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    counts = f"{_counted(errors, 'error')}, {_counted(len(findings) - errors, 'warning')}."
    return "\n".join([*map(str, findings), counts])


def findings_as_json(findings: Sequence[Finding]) -> str:
    """Return the findings as a JSON text: `{"errors": n, "warnings": n, "findings": [...]}`."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    listed = [finding.to_json() for finding in findings]
    return json.dumps({"errors": errors, "warnings": len(findings) - errors, "findings": listed}, indent=2)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
