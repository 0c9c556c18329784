"""Mistakes that show before anything runs: in a machine and its contracts, by reading and not by running them.

What cannot be decided so is not told: a false alarm is worse than silence.
"""

from arvo.checking.behaviour import Behaviour, Emission, behaviour_of
from arvo.checking.checked import Checked, CheckedMachine, answers_of
from arvo.checking.event_check import check_events
from arvo.checking.findings import ArvoWarning, Finding, Severity, sort_findings
from arvo.checking.machine_check import check_machine

__all__ = [
    "answers_of",
    "ArvoWarning",
    "Behaviour",
    "behaviour_of",
    "check_events",
    "check_machine",
    "Checked",
    "CheckedMachine",
    "Emission",
    "Finding",
    "Severity",
    "sort_findings",
]
