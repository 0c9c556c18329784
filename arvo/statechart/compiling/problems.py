"""Collect what is wrong in a definition, and check the shape of its objects."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from arvo.statechart.errors import Problem, ReferenceProblem

STATE_KEYS = {
    "id", "type", "initial", "states", "on", "always", "after", "onDone", "entry", "exit", "tags", "meta",
    "description", "output", "history", "target",
}  # fmt: skip
STUDIO_KEYS = {"predictableActionArguments", "preserveActionOrder", "schema", "tsTypes"}
"""What exports of Stately Studio may still carry from XState v4, where it means what v5 does anyway."""
ROOT_KEYS = STATE_KEYS | {"context", "version", "schemas", "types", "options"}
OPTION_KEYS = {"maxIterations"}
TRANSITION_KEYS = {"target", "actions", "guard", "reenter", "description", "meta"}
INITIAL_KEYS = {"target", "actions", "description", "meta"}
REFERENCE_KEYS = {"type", "params"}

_PLAIN_KEY = re.compile(r"[\w$*-]+")

CURES = {
    "cond": "write 'guard'",
    "internal": "leave it out: transitions are internal unless they say 'reenter': True",
    "in": "write 'guard': state_in(...)",
    "data": "write 'output'",
    "onEntry": "write 'entry'",
    "onExit": "write 'exit'",
    "activities": "use a service contract for what runs while a state is active",
    "delimiter": "leave it out: paths are separated by '.'",
    "parallel": "write 'type': 'parallel'",
    "route": "write a transition in 'on' of a state around it: XState's event 'xstate.route' is not offered",
}


class Problems:
    """Everything that is wrong in one definition.

    Attributes:
        strict: Whether what XState tolerates in silence is told, too.
        found: What makes the definition unusable.
        ignored: What XState ignores, and the machine works without.
    """

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.found: list[Problem] = []
        self.ignored: list[Problem] = []

    def add(self, path: str, problem: str, cure: str) -> None:
        """Note a problem that makes the definition unusable."""
        self.found.append(Problem(path, problem, cure))

    def add_reference(self, path: str, error: ReferenceProblem) -> None:
        """Note a reference that leads nowhere."""
        self.add(path, error.problem, error.cure)

    def doubt(self, path: str, problem: str, cure: str) -> None:
        """Note what XState would tolerate, although it cannot work."""
        if self.strict:
            self.add(path, problem, cure)

    def ignore(self, path: str, problem: str, cure: str) -> None:
        """Note what XState ignores."""
        if self.strict:
            self.ignored.append(Problem(path, problem, cure))

    def keys(self, config: Mapping[Any, Any], path: str, known: Collection[str]) -> None:
        """Report keys that mean nothing, with the nearest one that does."""
        for key in config:
            if key in known:
                continue
            if key == "invoke":
                if config[key] is None or config[key] == []:
                    continue  # exports of Stately Studio have it
                self.add(
                    at(path, key),
                    "invoked and spawned actors are not part of this engine",
                    "call a service through its contract (emit an event, wait for the answer), "
                    "or nest an orchestration",
                )
                continue
            near = get_close_matches(str(key), sorted(known), 1)
            cure = f"write {near[0]!r}" if near else f"use one of {', '.join(sorted(known))}"
            self.doubt(at(path, key), f"{key!r} means nothing here", CURES.get(str(key), cure))

    def mapping(self, value: Any, path: str, what: str) -> Mapping[Any, Any]:
        """The value if it is a mapping; otherwise an empty one, and a problem."""
        if isinstance(value, Mapping):
            return value
        self.add(path, f"{what} must be an object, not {_kind(value)}", "write {...}")
        return {}

    def text(self, value: Any, path: str, what: str) -> str | None:
        """The value if it is a non-empty string; otherwise `None`, and a problem."""
        if isinstance(value, str) and value:
            return value
        self.add(path, f"{what} must be a non-empty string, not {_kind(value)}", "write a string")
        return None


def at(path: str, key: Any) -> str:
    """The path of a key or an index below a path."""
    if isinstance(key, int) and not isinstance(key, bool):
        return f"{path}[{key}]"
    if not _PLAIN_KEY.fullmatch(str(key)):
        return f"{path}[{json.dumps(str(key))}]"
    return f"{path}.{key}" if path else str(key)


def _kind(value: Any) -> str:
    names = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return "nothing" if value is None else f"{names.get(type(value), type(value).__name__)} ({value!r})"
