"""What a run of an orchestration remembers of the app that it began with, in the memo of its workflow.

That is the definition of its machine, as a digest and compressed, or where the function of its resumable runs, the
limits that decide what it does, and the search attributes that it has by choice. The memo
is written by whoever starts the workflow and by each continue-as-new, which costs no event of the history. A workflow
that a person starts has none until then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, get_args

from temporalio.common import RawValue

from adapter.app import ArvoApp
from adapter.definition import definition_digest, digest_of, find_machine
from adapter.limits import Limits
from adapter.payload import json_of
from adapter.policies import StepMode
from arvo.errors import InvalidEventError, InvalidSubjectError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.orchestration import ArvoMachine
from arvo.wire import JsonError, deflate, inflate, read_json

MEMO = "arvo.machine"
"""The memo's key."""

KEPT = 1700
"""Characters of a compressed definition that a memo keeps; of a longer one only the digest is there. The SDK warns at
each start of a workflow whose memo has more than 2,048 bytes, and a child's memo is in the history of its parent."""

_WORDS = (
    b'"tags":["description":"meta":{"history":"deep""type":"history""invoke":{"src":"input":{"onDone":{"onError":{'
    b'"reenter":true"params":{"delay":{"event":{"type":"<lambda>"}}xstate.raise"xstate.sendTo""xstate.emit",'
    b'"after":{"exit":["type":"parallel","states":{"always":[{"guard":"is_","target":"},{"target":"},"guard":{"type":"'
    b'"actions":{"type":"xstate.assign","params":{"assignment":{"type":"<lambda>"}}}}}},"done":{"type":"final"},'
    b'"failed":{"type":"final"}},"output":{"type":"<lambda>"}},"output":{"type":"output"}}'
    b'{"id":"order","context":{"type":"<lambda>"},"initial":"waiting","states":{"waiting":{"entry":"'
    b'","on":{"sys.com..error":{"target":"arvo.orc..done":{"target":"evt..success":{"target":"over","actions":"keep_'
)
"""What definitions are made of, for their compression: another text makes the memos of running workflows unreadable."""

_INFLATED = 4 * 1024 * 1024
_MIB = 1024 * 1024
_LIMITS = {
    "remembered_ids": (4096, 1_000_000),
    "deliveries_per_run": (2000, 10_000),
    "history_bytes": (16 * _MIB, 50 * _MIB),
    "emissions_at_once": (500, 2_000),
    "nesting": (100, 1_000_000),
    "event_bytes": (_MIB, 2 * _MIB),
    "record_bytes": (3 * _MIB // 2, 2 * _MIB),
}
"""The limits that a run keeps: what holds where a memo does not say it, so that most memos, of which one is in each
history, say nothing; and what is too much, as Temporal would not take it, or the next run. The former stay as they are,
whatever the defaults become."""


@dataclass(frozen=True, slots=True)
class RememberedMachine:
    """The machine that a workflow was started, or continued, with.

    Attributes:
        version: Its version.
        digest: The digest of its definition.
        packed: The definition, compressed; None where it was too long to be remembered.
    """

    version: str
    digest: str
    packed: str | None

    def definition(self) -> Mapping[str, Any] | None:
        """Return the definition; None where it is not there."""
        text = _unpacked(self.packed)
        try:
            definition = json.loads(text) if text else None
        except (ValueError, RecursionError):
            return None
        return definition if isinstance(definition, Mapping) else None


def machine_memo(app: ArvoApp | None, init: ArvoEvent) -> dict[str, Any] | None:
    """Return the memo of the workflow that `init` starts; None if this app does not have its orchestrator."""
    if app is None:
        return None
    try:
        version = ArvoOrchestrationSubject.parse(init.subject).orchestrator.version
    except InvalidSubjectError:
        return None
    orchestrator = app.orchestrators.get(init.type)
    if orchestrator is None or version not in orchestrator.versions:
        return None
    machine = find_machine(orchestrator, version)
    kept = _memo_of(machine) if machine else {"version": version, "mode": app.step_mode(init.type)}
    chosen = {"attributes": sorted(app.search_attributes)} if app.search_attributes else {}
    unusual = {name: value for name, value in _written(app.limits).items() if value != _LIMITS[name][0]}
    return {MEMO: {**kept, **chosen, "limits": unusual}}


def outbox_memo(limits: Limits, depth: int) -> dict[str, Any]:
    """Return the memo of an outbox.

    Args:
        limits: The limits that its orchestration had.
        depth: In how many orchestrations that was nested.
    """
    return {MEMO: {"limits": _written(limits), "depth": depth}}


def remembered_depth(value: Any) -> int:
    """Return how many orchestrations one is nested in, by its memo's value."""
    depth = value.get("depth") if isinstance(value, Mapping) else None
    return depth if type(depth) is int and depth > 0 else 0


def with_depth(memo: Mapping[str, Any] | None, depth: int) -> dict[str, Any] | None:
    """Return a memo that also says in how many orchestrations its own is nested."""
    if not depth:
        return dict(memo) if memo else None
    return {MEMO: {**(memo[MEMO] if memo else {}), "depth": depth}}


def remembered_machine(value: Any) -> RememberedMachine | None:
    """Read the memo's value; None if it is not one that `machine_memo` has written."""
    if not isinstance(value, Mapping) or not isinstance(value.get("version"), str):
        return None
    packed = value.get("definition")
    machine = RememberedMachine(value["version"], value.get("digest", ""), packed if isinstance(packed, str) else None)
    if (definition := machine.definition()) is not None:
        try:
            return replace(machine, digest=digest_of(definition))
        except RecursionError:
            return None  # nobody's machine: somebody has written that by hand
    return machine if isinstance(machine.digest, str) and machine.digest else None


def remembered_definition(value: Any) -> str | None:
    """Return the definition in the memo's value as a record has it; None if it is not there."""
    return _unpacked(value.get("definition")) if isinstance(value, Mapping) else None


def remembered_mode(value: Any, present: StepMode) -> StepMode:
    """Return where the steps of an orchestration are made: for all of a run where they were as it began.

    Args:
        value: The memo's value.
        present: What the present app says, for a run that does not remember it.
    """
    mode = value.get("mode") if isinstance(value, Mapping) else None
    return next((known for known in get_args(StepMode) if known == mode), present)


def remembers_state(value: Any) -> bool:
    """Tell whether an orchestration has its state as a search attribute: for all of a run as it began.

    Args:
        value: The memo's value.
    """
    chosen = value.get("attributes") if isinstance(value, Mapping) else None
    return isinstance(chosen, list) and "state" in chosen


def remembered_limits(value: Any, present: Limits) -> Limits:
    """Return the limits of a run: those that it began with, as a replay has to do what was done under them.

    Args:
        value: The memo's value.
        present: The limits of the present app, for what is not remembered, or is no limit.
    """
    known = value.get("limits") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(known, Mapping):
        return present
    kept = {name: known[name] for name in _LIMITS if _is_limit(name, known.get(name))}
    if isinstance(value.get("version"), str):  # it is a memo of `machine_memo`
        kept |= {name: usual for name, (usual, _) in _LIMITS.items() if name not in known}
    return replace(present, **kept)


def memo_of(raw: RawValue | None) -> Any:
    """Return the value of the memo as a workflow has it; None if there is none, or nobody can read it.

    Who starts a workflow by hand may write anything there.
    """
    try:
        return read_json(json_of(raw)) if raw is not None else None
    except (InvalidEventError, JsonError):
        return None


def _written(limits: Limits) -> dict[str, int]:
    return {name: getattr(limits, name) for name in _LIMITS}


def _is_limit(name: str, value: Any) -> bool:
    return type(value) is int and 0 < value <= _LIMITS[name][1]


@lru_cache(maxsize=1024)
def _memo_of(machine: ArvoMachine) -> dict[str, str]:
    packed = deflate(machine.definition.encode(), _WORDS)
    kept = {"definition": packed} if len(packed) <= KEPT else {"digest": definition_digest(machine)}
    return {"version": machine.version, **kept}


def _unpacked(packed: Any) -> str | None:
    if not isinstance(packed, str) or len(packed) > KEPT:
        return None
    try:
        return inflate(packed, _INFLATED, _WORDS).decode()
    except ValueError:
        return None
