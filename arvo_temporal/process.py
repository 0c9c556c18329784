"""What a script or a command needs from its process: a clean start and a clean end."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, NoReturn

from temporalio.service import RPCError

from adapter.plain_text import plain_text
from arvo.errors import ArvoError
from arvo_temporal.output import Output
from arvo_temporal.signals import on_signals

AsyncMain = Callable[[asyncio.Event], Awaitable[int]]
"""The body of a command: gets the event that asks it to stop, returns the exit code."""

FORCED = 130
"""Exit code of a command that was ended by force: by a second signal."""

_GRACE_WHEN_FORCED = 3.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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


def run_command(main: AsyncMain, *, serves: bool = False) -> NoReturn:
    """Run the body of a command and end the process as `run` does.

    The first Ctrl-C, SIGTERM or SIGHUP sets the event, and the body stops in good order. The second one cancels it, and
    ends the process after three seconds at the latest, whatever it hangs in; the third one ends it where it is. A
    SIGHUP that is ignored, as under `nohup`, stays so.

    Printing never raises, be standard output closed, its reader gone or its disk full. Where what a command prints is
    its work, its exit code is 1 if that could not be written; a reader that had enough is no error.

    Args:
        main: The body: takes the event that asks it to stop, and returns the exit code.
        serves: Whether its work is something else than to print. Then a reader that does not read on does not hold it
            up, and what is lost does not change its exit code.
    """
    output = Output()
    output.shield(waits=not serves)
    _run_and_end(_run_until_stopped(main), None if serves else output)


def _run_and_end(body: Awaitable[object], output: Output | None = None) -> NoReturn:
    code = 1
    try:
        code = _exit_code(asyncio.run(_awaited(body)))
        if output is not None and tell_loss(output):
            code = code or 1
    except ArvoError as error:
        print(f"Error: {plain_text(str(error), lines=True)}", file=sys.stderr)
    except (asyncio.CancelledError, KeyboardInterrupt):
        code = FORCED
    except RPCError as error:
        if output is None:
            traceback.print_exc()
        else:
            print(f"Error: {_words_of(error)}", file=sys.stderr)
    except SystemExit as wanted:
        code = _asked_for(wanted)
    except BaseException:
        traceback.print_exc()
    finally:
        _end(code)


def tell_loss(output: Output) -> bool:
    """Say that something that was printed could not be written; return whether that is so."""
    loss = output.loss()
    if loss is not None:
        print(f"Error: What it has printed could not be written: {loss}.", file=sys.stderr)
    return loss is not None


def _words_of(error: RPCError) -> str:
    said = plain_text(error.message.rstrip("."))
    return f"Temporal's server has not done what was asked of it: {said}. See that it runs and has time, and try again."


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

    def first() -> None:
        loop.call_soon_threadsafe(stop.set)

    def second() -> None:
        threading.Thread(target=_leave_later, daemon=True).start()
        loop.call_soon_threadsafe(body.cancel)

    on_signals(_SIGNALS, first, second, _leave_now)
    return await body


def _leave_later() -> None:
    time.sleep(_GRACE_WHEN_FORCED)
    _leave_now()


def _leave_now() -> NoReturn:
    # Nothing is flushed: whoever is stuck may hold the lock for it.
    os._exit(FORCED)


def _end(code: int) -> NoReturn:
    # Private, and what multiprocessing ends its processes with: there is no public way.
    atexit._run_exitfuncs()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        # Whoever read our output may be gone, and a stream that was closed at the start is None.
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(code)
