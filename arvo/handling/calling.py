"""How functions of users are called: async ones are awaited, plain ones may block, so they get threads where there are.

Whoever runs the event loop knows whether there are threads; by default there are none, and a plain function is called
in place.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any

_threads: ContextVar[Executor | None] = ContextVar("arvo_threads", default=None)


@contextmanager
def plain_functions_on(threads: Executor) -> Iterator[None]:
    """Let plain functions that are called inside the `with` block run on these threads."""
    token = _threads.set(threads)
    try:
        yield
    finally:
        _threads.reset(token)


async def call(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call a function of a user, async or plain, and return what it returns.

    On a thread it sees the context variables of its caller. When the caller is cancelled the thread goes on, as
    nothing can stop it.

    Raises:
        Exception: What the function raises.
    """
    threads = _threads.get()
    if threads is None or is_async(function):
        result = function(*arguments, **named)
    else:
        work = partial(copy_context().run, _called, partial(function, *arguments, **named))
        result = await asyncio.get_running_loop().run_in_executor(threads, work)
    return await result if inspect.isawaitable(result) else result


def is_async(function: Callable[..., Any]) -> bool:
    """Tell whether what a function returns has to be awaited, also of an object that can be called like one."""
    while isinstance(function, partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def _called(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except StopIteration as error:
        # A future cannot hold it: whoever waits would wait for ever.
        raise RuntimeError("A function has raised StopIteration.") from error
