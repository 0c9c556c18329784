"""How the own code of an orchestration is run: a machine's callables, or a function."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from traceback import format_exception
from typing import Any, TypeVar

from arvo.errors import ExecutionViolation, retold
from arvo.orchestration.step import OrchestrationStep, RecordT

T = TypeVar("T")


async def own(work: Awaitable[T]) -> T:
    """Run code of an author, and let out of it what can be told of: violations, and exceptions whose message is text.

    What would end a process or a task, but is only raised by that code, is an exception like any other.

    Raises:
        Exception: What it has raised.
    """
    try:
        return await work
    except Exception as error:
        speakable = _speakable(error)
        if speakable is error:
            raise
        raise speakable from None
    except (SystemExit, asyncio.CancelledError) as error:
        if isinstance(error, asyncio.CancelledError) and _is_cancelled():
            raise
        raise retold(type(error).__name__, str(error), "".join(format_exception(error))) from None


def _is_cancelled() -> bool:
    """Tell whether the running task is being cancelled from outside."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is not None and task.cancelling() > 0


def _speakable(error: Exception) -> Exception:
    """Return an exception that can be told of: one whose message raises in its turn is replaced."""
    try:
        str(error)
    except Exception as broken:
        told = f"{type(error).__name__}, whose message cannot be read: {type(broken).__name__}"
        return RuntimeError(told).with_traceback(error.__traceback__)
    return error


def at_once(step: Coroutine[Any, Any, OrchestrationStep[RecordT]]) -> OrchestrationStep[RecordT]:
    """Make a step without waiting for anything.

    Raises:
        ExecutionViolation: It has to wait.
    """
    try:
        step.send(None)
    except StopIteration as stop:
        made: OrchestrationStep[RecordT] = stop.value
        return made
    finally:
        step.close()
    raise ExecutionViolation(
        "A resumable's function waited for something within a step, which must be done at once. To fix: send an "
        "event to a service that does the waiting, or let the function run as an activity, "
        "EmissionPolicy(mode='step'); without Temporal, use execute instead of step."
    )
