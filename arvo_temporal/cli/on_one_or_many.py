"""Commands that do a thing to one orchestration, or to many: what they share is said once."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Annotated, Any

import typer

from arvo_temporal.cli.bulk import run_on_many
from arvo_temporal.cli.printing import print_json
from arvo_temporal.cli.recoveries import Recovery
from arvo_temporal.cli.running import AppOption, JsonOption, run_until_stopped
from arvo_temporal.cli.selecting import (
    LimitOption,
    OrchestratorOption,
    QueryOption,
    Selection,
    TroubleOption,
    YesOption,
)
from arvo_temporal.client import ArvoClient

_OneArgument = Annotated[
    str | None, typer.Argument(metavar="ID", help="The orchestration; or many by --query and its like.")
]


def on_one_or_many(command: Callable[..., Recovery[Any]]) -> Callable[..., None]:
    """Make a command of a function that tells what is to be done.

    The command takes the ID of an orchestration, the parameters of the function, and the options that name many
    orchestrations instead. Where the function has a parameter of such an option, it gets its value too.

    Args:
        command: Takes what is its own alone.
    """
    own = inspect.signature(command, eval_str=True).parameters

    @wraps(command)
    def run(**given: Any) -> None:
        selection = Selection(**{field.name: given[field.name] for field in fields(Selection)})
        one = selection.of(given["orchestration"])
        recovery = command(**{name: given[name] for name in own})
        as_json: bool = given["as_json"]

        async def body(client: ArvoClient, stop: asyncio.Event) -> int:
            if one is None:
                return await run_on_many(client, selection, recovery, stop, as_json=as_json)
            return await _run_on_one(client, one, recovery, as_json=as_json)

        run_until_stopped(body, given["app"])

    _take_parameters(run, {**_parameters(_shared_first), **own, **_parameters(_shared)})
    return run


async def _run_on_one(client: ArvoClient, orchestration: str, recovery: Recovery[Any], *, as_json: bool) -> int:
    results = await recovery.apply(client, orchestration)
    if as_json:
        print_json([recovery.as_json(result) for result in results])
    else:
        recovery.show(results)
    return int(not all(map(recovery.succeeded, results)))


def _shared_first(orchestration: _OneArgument = None) -> None:
    """Declare the argument that such commands begin with."""


def _shared(
    app: AppOption = None,
    query: QueryOption = None,
    orchestrator: OrchestratorOption = None,
    trouble: TroubleOption = None,
    limit: LimitOption = 1000,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Declare the options that all such commands have."""


def _parameters(function: Callable[..., None]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function, eval_str=True).parameters)


def _take_parameters(function: Any, parameters: dict[str, inspect.Parameter]) -> None:
    """Let a function that takes anything say what it takes: the command line asks for that."""
    function.__signature__ = inspect.Signature(list(parameters.values()))
