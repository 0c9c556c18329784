"""What has changed between two definitions of a machine, in words: states, and within states each of their parts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from adapter.definition import definition_digest, effective
from adapter.memo import RememberedMachine
from arvo.orchestration import ArvoMachine

_SHOWN = 160
_LISTED = 20
_BY_NAME = ("on", "after")
_ABSENT: Any = object()

How = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """One difference between two definitions.

    Attributes:
        state: The state, by its path from the root: `checkout.paying`; empty for the machine itself.
        part: Which part of it, such as `on evt.paid`, `after 1000` or `entry`; None for the state as a whole.
        how: What has become of it.
        text: The same in words, with what it was and is.
    """

    state: str
    part: str | None
    how: How
    text: str

    def __str__(self) -> str:
        place = f"state {self.state}" if self.state else "the machine"
        return f"{place}: {self.part} {self.text}" if self.part else f"{place} {self.text}"


@dataclass(frozen=True, slots=True)
class ChangedMachine:
    """A machine whose definition is not the one that a workflow remembers, under the same version.

    Attributes:
        version: The version.
        changes: What has changed; None where the definition was too long to be remembered: its digest differs.
    """

    version: str
    changes: tuple[DefinitionChange, ...] | None

    def __str__(self) -> str:
        since = f"The machine has changed since this run began, under the same version {self.version}"
        if self.changes is None:
            return f"{since}; its definition was too long to be remembered, so only that is known."
        return "\n".join([f"{since}:", *listed(self.changes)])


def changed_machine(then: RememberedMachine | None, now: ArvoMachine | None) -> ChangedMachine | None:
    """Return how a machine differs from the remembered one; None if it does not, or if either is not there."""
    if then is None or now is None or then.digest == definition_digest(now):
        return None
    definition = then.definition()
    changes = definition_changes(definition, json.loads(now.definition)) if definition is not None else None
    return ChangedMachine(then.version, tuple(changes) if changes is not None else None)


def definition_changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[DefinitionChange]:
    """Return what differs between two definitions in the form of `ArvoMachine.definition`.

    Descriptions and meta data do not count. Of a state that is new or gone, nothing but that is said.
    """
    return list(_changes(effective(then), effective(now), ""))


def listed(changes: Sequence[DefinitionChange]) -> list[str]:
    """Return changes as lines for people; of many, the first."""
    lines = [f"- {change}" for change in changes[:_LISTED]]
    hidden = len(changes) - len(lines)
    return [*lines, f"- and {hidden} more changes"] if hidden > 0 else lines


def _changes(then: Mapping[str, Any], now: Mapping[str, Any], path: str) -> Iterator[DefinitionChange]:
    before, after = _parts(then), _parts(now)
    for part in {**before, **after}:
        if (change := _change(path, part, before.get(part, _ABSENT), after.get(part, _ABSENT))) is not None:
            yield change
    children, present = then.get("states") or {}, now.get("states") or {}
    for name in {**children, **present}:
        inner = f"{path}.{name}" if path else name
        if name not in present:
            yield DefinitionChange(inner, None, "removed", "was removed")
        elif name not in children:
            yield DefinitionChange(inner, None, "added", "was added")
        else:
            yield from _changes(children[name], present[name], inner)


def _parts(state: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for key, value in state.items():
        if key in _BY_NAME and isinstance(value, Mapping):
            parts.update({f"{key} {name}": inner for name, inner in value.items()})
        elif key != "states":
            parts[key] = value
    return parts


def _change(path: str, part: str, before: Any, after: Any) -> DefinitionChange | None:
    if before is _ABSENT:
        return DefinitionChange(path, part, "added", f"was added: {_shown(after)}")
    if after is _ABSENT:
        return DefinitionChange(path, part, "removed", f"was removed: {_shown(before)}")
    if before == after:
        return None
    return DefinitionChange(path, part, "changed", f"was {_shown(before)}, is now {_shown(after)}")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
