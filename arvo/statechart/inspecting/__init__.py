"""What can be said about a machine without running it: its analysis, its picture, its definition in JSON."""

from arvo.statechart.inspecting.analysis import (
    Reachable,
    accepted_events,
    dead_ends,
    reachable,
    transitions,
    unreachable_states,
)
from arvo.statechart.inspecting.considering import (
    Candidate,
    Consideration,
    GuardVerdict,
    UndecidedError,
    consider,
    does_something,
)
from arvo.statechart.inspecting.definition import config_json
from arvo.statechart.inspecting.mermaid import to_mermaid
from arvo.statechart.inspecting.naming import guard_name, state_name, transition_name, trigger_name
from arvo.statechart.inspecting.walking import Place, Way, beginnings, ways_out

__all__ = [
    "accepted_events",
    "beginnings",
    "Candidate",
    "config_json",
    "consider",
    "Consideration",
    "dead_ends",
    "does_something",
    "guard_name",
    "GuardVerdict",
    "Place",
    "reachable",
    "Reachable",
    "state_name",
    "to_mermaid",
    "transition_name",
    "transitions",
    "trigger_name",
    "UndecidedError",
    "unreachable_states",
    "Way",
    "ways_out",
]
