"""Violations that the workflow itself finds, before Arvo's rules are asked."""

from __future__ import annotations

from arvo.errors import ExecutionViolation


def refusal(message: str) -> ExecutionViolation:
    """Return the violation for something that cannot be taken as an event of this orchestration."""
    return ExecutionViolation(message)
