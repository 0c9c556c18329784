"""What every command of this package needs from its process: a clean start and a clean end."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import sys
import sysconfig
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import arvo
from adapter.app import ArvoApp
from adapter.errors import AppError
from arvo.errors import ArvoError

AsyncMain = Callable[[asyncio.Event], Awaitable[int]]
"""The body of a command: gets the event that asks it to stop, returns the exit code."""

FORCED = 130
"""Exit code of a command that was ended by force: by a second Ctrl-C."""

_GRACE_WHEN_FORCED = 5.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_NOT_THEIRS = (
    *map(Path, arvo.__path__),
    Path(__file__).parent,
    *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")),
)


class AppLoadError(AppError):
    """There is no app where one was said to be."""

    code = "ARVO302"


def run_command(main: AsyncMain) -> NoReturn:
    """Run the body of a command and end the process.

    The first Ctrl-C or SIGTERM sets the event, and the body stops in good order; the second one cancels it. An
    `ArvoError` is printed as its message, anything else as a traceback, both with exit code 1.

    The process ends by `os._exit`, after everything was flushed: an interpreter that shuts down while threads of
    Temporal's SDK still live sometimes crashes (temporalio/sdk-python#300).
    """
    code = 1
    try:
        code = asyncio.run(_run_until_stopped(main))
    except ArvoError as error:
        print(f"Error: {error}", file=sys.stderr)
    except (asyncio.CancelledError, KeyboardInterrupt):
        code = FORCED
    except BaseException:
        traceback.print_exc()
    finally:
        _end(code)


def load_app(target: str) -> ArvoApp:
    """Import an app.

    The current directory is importable, as it is for `python -m`.

    Args:
        target: Module and attribute: `examples.orders.app:app`.

    Raises:
        AppLoadError: There is no such module or attribute, the module fails, or the attribute is no `ArvoApp`.
    """
    module_name, _, attribute = target.partition(":")
    if not module_name or not attribute:
        raise AppLoadError(f"'{target}' does not name an app: write MODULE:APP, for example examples.orders.app:app")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    module = _import(module_name)
    if not hasattr(module, attribute):
        raise AppLoadError(f"Module '{module_name}' has no '{attribute}'{_apps_of(module)}")
    app = getattr(module, attribute)
    if not isinstance(app, ArvoApp):
        raise AppLoadError(f"'{target}' is of type {type(app).__name__}, not an ArvoApp{_apps_of(module)}")
    return app


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


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise AppLoadError(
                f"There is no module '{error.name}' in {Path.cwd()} or among the installed packages: check the name, "
                "or change to the directory that contains it."
            ) from error
        raise _failed(name, error) from error
    except Exception as error:
        raise _failed(name, error) from error


def _failed(name: str, error: Exception) -> AppLoadError:
    return AppLoadError(f"Module '{name}' cannot be imported: {type(error).__name__}: {error}{_place(error)}")


def _place(error: Exception) -> str:
    """Return the line of the user's own files where an import failed, or else the innermost line."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<")]
    theirs = [frame for frame in frames if not any(Path(frame.filename).is_relative_to(ours) for ours in _NOT_THEIRS)]
    frame = (theirs or frames)[-1]
    return f"\n  at {frame.filename}, line {frame.lineno}: {frame.line}"


def _apps_of(module: ModuleType) -> str:
    apps = [name for name, value in vars(module).items() if isinstance(value, ArvoApp)]
    if apps:
        return f": write {' or '.join(f'{module.__name__}:{name}' for name in apps)}"
    return ": make one with  app = ArvoApp(orchestrators=[...], handlers=[...])"
