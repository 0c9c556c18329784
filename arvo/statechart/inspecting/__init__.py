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
from arvo.statechart.inspecting.naming import active_leaves, active_names, state_name, value_words
from arvo.statechart.inspecting.walking import Place, Way, beginnings, ways_out
from arvo.statechart.inspecting.words import (
    action_words,
    delayed_words,
    event_words,
    guard_words,
    guarded,
    listed,
    transition_name,
    transition_words,
    turn_guard,
    turn_of,
)

__all__ = [
    "accepted_events",
    "action_words",
    "active_leaves",
    "active_names",
    "beginnings",
    "Candidate",
    "config_json",
    "consider",
    "Consideration",
    "dead_ends",
    "delayed_words",
    "does_something",
    "event_words",
    "guard_words",
    "guarded",
    "GuardVerdict",
    "listed",
    "Place",
    "reachable",
    "Reachable",
    "state_name",
    "to_mermaid",
    "transition_name",
    "transition_words",
    "transitions",
    "turn_guard",
    "turn_of",
    "UndecidedError",
    "unreachable_states",
    "value_words",
    "Way",
    "ways_out",
]
