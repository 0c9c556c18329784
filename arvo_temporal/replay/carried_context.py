"""What the context that an orchestration carries from run to run has otherwise than the first context of present code.

Code reads what its own first context has. A key that is new in it is filled in where a run begins
(`workflows.carried_context`); what lies deeper cannot be, as nobody knows whether it is new or was taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.common import RawValue
from temporalio.converter import DataConverter

from adapter.payload import from_raw
from arvo.orchestration import ArvoMachine

_KINDS = (
    (bool, "a truth value"),
    ((int, float), "a number"),
    (str, "a text"),
    (list, "a list"),
    (Mapping, "an object"),
)
"""The kinds of JSON; null is of every kind, as it stands for what is not there yet."""


async def differing_context(machine: ArvoMachine, run: WorkflowHistory, converter: DataConverter) -> tuple[str, ...]:
    """Return, in words, what present code would miss or misread in the context that a run was begun with.

    Args:
        machine: The machine of the present code.
        run: The run.
        converter: What reads its payloads.

    Returns:
        A line for each place; none for a first run, or where the replay itself fails on the context.
    """
    started = run.events[0].workflow_execution_started_event_attributes
    if not started.continued_execution_run_id or len(started.input.payloads) != 2:
        return ()
    init, state = await converter.decode(started.input.payloads, [RawValue, dict[str, Any]])
    context = _at(state, "record", "state", "context")
    if not isinstance(context, Mapping):
        return ()
    kind = machine.logic.compiled.context_type
    try:
        first = kind.write(machine.logic.compiled.first_context(from_raw(init)))
        carried = kind.write(kind.read({**first, **context} if kind.model is None else context))
    except Exception:
        return ()
    return tuple(_differences(carried, first, "context"))


def _differences(carried: Mapping[str, Any], first: Mapping[str, Any], place: str) -> Iterator[str]:
    for key, expected in first.items():
        here = f"{place}.{key}"
        if key not in carried:
            yield f"{here} is not there; the first context of this code has {_kind(expected)}"
        elif isinstance(expected, Mapping) and isinstance(carried[key], Mapping):
            yield from _differences(carried[key], expected, here)
        elif None not in (expected, carried[key]) and _kind(expected) != _kind(carried[key]):
            yield f"{here} is {_kind(carried[key])}; the first context of this code has {_kind(expected)}"


def _kind(value: Any) -> str:
    return next((name for types, name in _KINDS if isinstance(value, types)), "null")


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
