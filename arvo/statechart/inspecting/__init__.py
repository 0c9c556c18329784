"""What can be said about a machine without running it: its analysis, its picture, its definition in JSON."""

from arvo.statechart.inspecting.analysis import (
    Reachable,
    accepted_events,
    dead_ends,
    reachable,
    transitions,
    unreachable_states,
)
from arvo.statechart.inspecting.definition import config_json
from arvo.statechart.inspecting.mermaid import to_mermaid

__all__ = [
    "accepted_events",
    "config_json",
    "dead_ends",
    "Reachable",
    "reachable",
    "to_mermaid",
    "transitions",
    "unreachable_states",
]
