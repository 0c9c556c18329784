"""Finds the app that a command is told of as MODULE:APP, and says why there is none."""

from __future__ import annotations

import importlib
import sys
import sysconfig
import traceback
from pathlib import Path
from types import ModuleType

from adapter.app import ArvoApp
from adapter.errors import AppError

_ROOT = Path(__file__).parents[2]
_NOT_THEIRS = (
    # In the wheel the last three lie inside arvo_temporal.
    *(_ROOT / package for package in ("arvo", "arvo_temporal", "adapter", "workflows", "activities")),
    *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")),
)


class AppLoadError(AppError):
    """There is no app where one was said to be."""

    code = "ARVO302"


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
    except (Exception, SystemExit) as error:  # a program that runs when it is imported may end so
        raise _failed(name, error) from error


def _failed(name: str, error: BaseException) -> AppLoadError:
    return AppLoadError(f"Module '{name}' cannot be imported: {type(error).__name__}: {error}{_place(error)}")


def _place(error: BaseException) -> str:
    """Return the line of the user's own files where an import failed, or else the innermost line."""
    if isinstance(error, SyntaxError) and not (error.filename or "<").startswith("<"):  # no frame has its line
        return f"\n  at {error.filename}, line {error.lineno}: {(error.text or '').strip()}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<")]
    theirs = [frame for frame in frames if not any(Path(frame.filename).is_relative_to(ours) for ours in _NOT_THEIRS)]
    frame = (theirs or frames)[-1]
    return f"\n  at {frame.filename}, line {frame.lineno}: {frame.line}"


def _apps_of(module: ModuleType) -> str:
    apps = [name for name, value in vars(module).items() if isinstance(value, ArvoApp)]
    if apps:
        return f": write {' or '.join(f'{module.__name__}:{name}' for name in apps)}"
    return ": make one with  app = ArvoApp(orchestrators=[...], handlers=[...])"
