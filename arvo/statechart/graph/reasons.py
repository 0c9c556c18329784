"""Why no path leads to a state or a transition, as far as the walk has seen."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from arvo.statechart.graph.path import Target
from arvo.statechart.graph.traversal import Traversal
from arvo.statechart.inspecting import event_words, guard_words, state_name, unreachable_states
from arvo.statechart.machine import StateMachine
from arvo.statechart.running import StateNode, Transition

_LISTED = 3


def reason_of(machine: StateMachine[Any], target: Target, missing: Container[Target], walk: Traversal[Any]) -> str:
    """Why a state was not entered, or a transition not taken."""
    if isinstance(target, StateNode):
        return _of_state(machine, target)
    return _of_transition(target, missing) + _failures(target, walk)


def _of_state(machine: StateMachine[Any], node: StateNode) -> str:
    if node in unreachable_states(machine.compiled):
        return "no transition leads to it"
    return "no transition that leads to it was taken"


def _of_transition(transition: Transition, missing: Container[Target]) -> str:
    source = transition.source
    if source in missing:
        return f"its state {state_name(source)} was never entered"
    guard = guard_words(transition.config.get("guard"))
    if transition.guard is not None:
        named = "" if guard in ("", "function") else f" {guard}"
        return f"its guard{named} was never true with these events, or another transition came before it"
    others = source.transitions.get(transition.event, source.always)
    if any(one not in missing for one in others):
        return "another transition for the same event was always taken before it, with these events"
    if transition.event.startswith("xstate.after."):
        return "another timer always fires before, or a transition inside takes it"
    if transition.event.startswith("xstate.done.state."):
        return f"{source.id} never comes to its final states while this waits for it"
    return f"another transition always takes {event_words(transition)[1]} before it"


def _failures(transition: Transition, walk: Traversal[Any]) -> str:
    """What events raised that might have led there."""
    found = [(label, error) for label, error in walk.failures.items() if _concerns(label, transition)]
    said = [f"{label} raised {type(error).__name__}: {_last_line(error)}" for label, error in found]
    return f" ({'; '.join(said[:_LISTED])})" if said else ""


def _concerns(label: str, transition: Transition) -> bool:
    return label in (transition.event, event_words(transition)[1]) or transition.event in ("", "*")


def _last_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[-1][:200]
