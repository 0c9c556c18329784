"""What states and transitions are called where there is no picture: in lists, in the names of tests, in errors."""

from __future__ import annotations

from typing import Any

from arvo.statechart.authoring import name_of
from arvo.statechart.durations import duration_words
from arvo.statechart.inspecting.definition import config_json
from arvo.statechart.keys import escaped, number_of
from arvo.statechart.running import StateNode, Transition


def state_name(node: StateNode) -> str:
    """The keys of a state from the root down, such as `payment.pending`; the root's id for the root."""
    if node.parent is None:
        return node.id
    return ".".join(escaped(one.key) for one in (*reversed(node.ancestors[:-1]), node))


def transition_name(transition: Transition) -> str:
    """Its state, what triggers it, its turn among several for the same event, and its guard, as a picture has them.

    Such as `payment.pending: evt.payment.declined 2 [is_final]`.
    """
    turn = turn_of(transition)
    guard = guard_name(transition.config.get("guard")) or ("else" if turn > 1 else "")
    parts = (trigger_name(transition), str(turn) if turn else "", f"[{guard}]" if guard else "")
    return f"{state_name(transition.source)}: {' '.join(filter(None, parts))}"


def trigger_name(transition: Transition) -> str:
    """What triggers a transition: the type of an event, `after 3 days`, `always`, `done`."""
    node, event = transition.source, transition.event
    if not event:
        return "always"
    if event == f"xstate.done.state.{node.id}":
        return "done"
    if not event.startswith("xstate.after."):
        return event
    delay = event.removeprefix("xstate.after.").removesuffix(f".{node.id}")
    milliseconds = number_of(delay)
    return f"after {delay if milliseconds is None else duration_words(milliseconds)}"


def turn_of(transition: Transition) -> int:
    """Which one it is of several for the same event, counted from 1; 0 if there are no others."""
    source = transition.source
    others = source.transitions[transition.event] if transition.event else source.always
    return others.index(transition) + 1 if len(others) > 1 else 0


def guard_name(guard: Any) -> str:
    """The name of a guard; empty if there is none."""
    if guard is None:
        return ""
    if callable(guard):
        return "function" if name_of(guard) == "<lambda>" else name_of(guard)
    plain = config_json(guard)
    return str(plain.get("type", "")).removeprefix("xstate.") if isinstance(plain, dict) else str(plain)
