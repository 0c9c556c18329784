"""What a script or a command needs from its process: a clean start and a clean end."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, NoReturn

from adapter.plain_text import plain_text
from arvo.errors import ArvoError

AsyncMain = Callable[[asyncio.Event], Awaitable[int]]
"""The body of a command: gets the event that asks it to stop, returns the exit code."""

FORCED = 130
"""Exit code of a command that was ended by force: by a second Ctrl-C."""

_GRACE_WHEN_FORCED = 5.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(main: Callable[[], Awaitable[object]] | Coroutine[Any, Any, object]) -> NoReturn:
    """Run the body of a script, as `asyncio.run` does, and end the process with its exit code.

    The exit code is 0, or the number that the body returns or gives to `sys.exit`. An `ArvoError` is printed as its
    message, anything else as a traceback, both with exit code 1; after a Ctrl-C it is 130.

    A script that has used a Temporal client and ends by itself crashes or hangs now and then: threads of Temporal's SDK
    meet an interpreter that is being taken down (temporalio/sdk-python#300). This ends the process instead, after
    what was registered with `atexit` has run and everything was flushed. Nothing after it runs; threads that the body
    has left running end where they are.

    Args:
        main: The body: a function without arguments, or what it returns.
    """
    _run_and_end(main() if callable(main) else main)


def run_command(main: AsyncMain) -> NoReturn:
    """Run the body of a command and end the process as `run` does.

    The first Ctrl-C or SIGTERM sets the event, and the body stops in good order; the second one cancels it.

    Args:
        main: The body: takes the event that asks it to stop, and returns the exit code.
    """
    _run_and_end(_run_until_stopped(main))


def _run_and_end(body: Awaitable[object]) -> NoReturn:
    code = 1
    try:
        code = _exit_code(asyncio.run(_awaited(body)))
    except ArvoError as error:
        print(f"Error: {plain_text(str(error), lines=True)}", file=sys.stderr)
    except (asyncio.CancelledError, KeyboardInterrupt):
        code = FORCED
    except SystemExit as wanted:
        code = _asked_for(wanted)
    except BaseException:
        traceback.print_exc()
    finally:
        _end(code)


async def _awaited(body: Awaitable[object]) -> object:
    return await body


def _exit_code(returned: object) -> int:
    return returned if isinstance(returned, int) and not isinstance(returned, bool) else 0


def _asked_for(wanted: SystemExit) -> int:
    """Return the exit code of `sys.exit`, which takes nothing, a number, or what is to be printed."""
    if wanted.code is None or isinstance(wanted.code, int):
        return wanted.code or 0
    print(wanted.code, file=sys.stderr)
    return 1


async def _run_until_stopped(main: AsyncMain) -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    body = asyncio.ensure_future(main(stop))

    def on_signal() -> None:
        if stop.is_set():
            body.cancel()
            loop.call_later(_GRACE_WHEN_FORCED, _leave, FORCED)
        stop.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal)
    return await body


def _end(code: int) -> NoReturn:
    # Private, and what multiprocessing ends its processes with: there is no public way.
    atexit._run_exitfuncs()
    _leave(code)


def _leave(code: int) -> NoReturn:
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        # Whoever read our output may be gone.
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
