"""All checks of a machine that need nothing but the machine and its contracts."""

from __future__ import annotations

from arvo.checking.checked import CheckedMachine
from arvo.checking.event_check import check_events
from arvo.checking.findings import Finding, sort_findings
from arvo.checking.output_check import check_output
from arvo.checking.request_check import check_requests
from arvo.checking.shape_check import check_shape


def check_machine(machine: CheckedMachine) -> tuple[Finding, ...]:
    """Return everything that looks like a mistake in a machine, errors first.

    What cannot be decided without running it is not told.
    """
    checks = (check_events, check_requests, check_output, check_shape)
    return sort_findings(finding for check in checks for finding in check(machine))
