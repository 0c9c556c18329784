"""What a command needs from its process: a clean start and a clean end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NoReturn

from adapter.plain_text import plain_text
from arvo.errors import ArvoError

AsyncMain = Callable[[asyncio.Event], Awaitable[int]]
"""The body of a command: gets the event that asks it to stop, returns the exit code."""

FORCED = 130
"""Exit code of a command that was ended by force: by a second Ctrl-C."""

_GRACE_WHEN_FORCED = 5.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_command(main: AsyncMain) -> NoReturn:
    """Run the body of a command and end the process.

    The first Ctrl-C or SIGTERM sets the event, and the body stops in good order; the second one cancels it. An
    `ArvoError` is printed as its message, anything else as a traceback, both with exit code 1.

    The process ends by `os._exit`, after everything was flushed: an interpreter that shuts down while threads of
    Temporal's SDK still live sometimes crashes (temporalio/sdk-python#300).

    Args:
        main: The body: takes the event that asks it to stop, and returns the exit code.
    """
    code = 1
    try:
        code = asyncio.run(_run_until_stopped(main))
    except ArvoError as error:
        print(f"Error: {plain_text(str(error), lines=True)}", file=sys.stderr)
    except (asyncio.CancelledError, KeyboardInterrupt):
        code = FORCED
    except BaseException:
        traceback.print_exc()
    finally:
        _end(code)


async def _run_until_stopped(main: AsyncMain) -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    body = asyncio.ensure_future(main(stop))

    def on_signal() -> None:
        if stop.is_set():
            body.cancel()
            loop.call_later(_GRACE_WHEN_FORCED, _end, FORCED)
        stop.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal)
    return await body


def _end(code: int) -> NoReturn:
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        # Whoever read our output may be gone.
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
