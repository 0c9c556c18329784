"""Which machine, or resumable, of an app a command means."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.app import ArvoApp
from adapter.errors import AppError
from arvo.errors import nearest
from arvo.orchestration import ArvoMachine, ArvoResumable
from arvo.wire import ORCHESTRATORS


def machine_named(app: ArvoApp, name: str | None) -> ArvoMachine:
    """Return the machine that a name means.

    Args:
        app: The app.
        name: The type of its orchestrator, of which `arvo.orc.` may be left out, or `TYPE/VERSION`; None where the app
            has one machine only.

    Raises:
        AppError: It means none, or several; the message names the choices.
    """
    found = [machine for machine in app.machines if name is None or name in _names(machine)]
    if len(found) == 1:
        return found[0]
    choices = [_whole(machine) for machine in (found or app.machines)]
    if not choices:
        functions = " Its orchestrators are functions." if app.resumables else ""
        raise AppError(f"This app has no machine.{functions}")
    if found:
        raise AppError(f"This app has several machines: name one of {_listed(choices)}.")
    near = nearest(name, [known for machine in app.machines for known in _names(machine)])
    raise AppError(
        f"This app has no machine '{name}'{f': is {near} meant?' if near else '.'} It has {_listed(choices)}."
    )


def logics_named(app: ArvoApp, name: str | None) -> Sequence[ArvoMachine | ArvoResumable]:
    """Return the machine or the resumable that a name means; all of the app for None.

    Raises:
        AppError: It means none, or several; the message names the choices.
    """
    resumables = [one for one in app.resumables.values() if name is None or name in _names(one)]
    if name is None and (app.machines or resumables):
        return [*app.machines, *resumables]
    return resumables or [machine_named(app, name)]


def _names(logic: ArvoMachine | ArvoResumable) -> Sequence[str]:
    types = (logic.source, logic.source.removeprefix(ORCHESTRATORS))
    versions = logic.versions if isinstance(logic, ArvoResumable) else (logic.version,)
    return (*types, *(f"{type_}/{version}" for type_ in types for version in versions))


def _whole(machine: ArvoMachine) -> str:
    return f"{machine.source}/{machine.version}"


def _listed(choices: Sequence[str]) -> str:
    return ", ".join(choices)
