"""What users give to a handler, and what its functions return: whether it can be used, and what to write instead."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from arvo.contracts import ArvoContract, VersionedArvoContract
from arvo.errors import ConfigViolation, InvalidValueError, described, nearest, shorten
from arvo.wire import is_orchestrator_type

_OWNER = "create_arvo_event_handler"
_is_source = re.compile(r"[a-z0-9]+(\.[a-z0-9]+)*").fullmatch


def check_handler(contract: Any, executionunits: Any, handler: Any) -> None:
    """Check what a handler is made of.

    Raises:
        ConfigViolation: Something of it is of another kind.
    """
    if isinstance(contract, VersionedArvoContract):
        raise ConfigViolation(
            f"{_OWNER}(contract=...) is a version of the contract '{contract.uri}'. To fix: give the contract itself, "
            "in all its versions: leave .version(...) out."
        )
    if not isinstance(contract, ArvoContract):
        raise ConfigViolation(f"{_OWNER}(contract=...) is {described(contract)}. To fix: give a contract.")
    check_executionunits(executionunits, _OWNER)
    check_functions(handler, contract, _OWNER)


def check_functions(handler: Any, contract: ArvoContract, owner: str) -> None:
    """Check the functions of a contract's versions.

    Raises:
        ConfigViolation: They are no mapping of versions to functions; `owner` is the function that was given them.
    """
    version = next(iter(contract.versions))
    if not isinstance(handler, Mapping):
        raise ConfigViolation(
            f"{owner}(handler=...) of '{contract.uri}' is {described(handler)}. To fix: say for which version it is, "
            f"handler={{'{version}': {getattr(handler, '__name__', 'function')}}}."
        )
    for number, function in handler.items():
        if not callable(function):
            raise ConfigViolation(
                f"{owner}(handler=...) of '{contract.uri}' has {described(function)} for version {shorten(number)}. "
                "To fix: give a function."
            )


def check_executionunits(executionunits: Any, owner: str) -> None:
    """Check the cost of an execution.

    Raises:
        ConfigViolation: It is no number; `owner` is the function that was given it.
    """
    if isinstance(executionunits, bool) or not isinstance(executionunits, int | float):
        raise ConfigViolation(f"{owner}(executionunits=...) is {described(executionunits)}. To fix: give a number.")


def check_source(source: Any, owner: str) -> None:
    """Check the name under which events reach who has no contract that would name it.

    Raises:
        ConfigViolation: It is no text; `owner` is the function that was given it.
        InvalidValueError: It is none that events can be sent to.
    """
    if not isinstance(source, str):
        raise ConfigViolation(
            f"{owner}(source=...) is {described(source)}. To fix: give a name, such as 'com.orders.all'."
        )
    if not _is_source(source):
        raise InvalidValueError(
            f"Invalid source identifier {shorten(source)} in {owner}(source=...): it has parts of a-z and 0-9, with "
            "dots between them. To fix: write one such as 'com.orders.all'."
        )
    if is_orchestrator_type(source):
        raise InvalidValueError(
            f"Invalid source identifier {shorten(source)} in {owner}(source=...): 'arvo.orc' begins the "
            "names of orchestrators. To fix: write one such as 'com.orders.all'."
        )


def outputs_of(
    result: Any, function: Callable[..., Any], handler: str, emitted: str, refused: Callable[[str], Exception]
) -> list[Mapping[str, Any]]:
    """Return the events that the function of a handler has returned, as a list.

    Args:
        result: What it has returned.
        function: The function, for messages.
        handler: The handler, for messages.
        emitted: A type of event that it may return, likewise.
        refused: The exception that is raised for something else than mappings with `type` and `data`.
    """
    one = isinstance(result, Mapping | BaseModel | str | bytes) or not isinstance(result, Iterable)
    outputs = [result] if one else list(result)
    for output in outputs:
        problem = _problem(output)
        if problem:
            raise refused(
                f"{handler} cannot send its result: {_place(function)} has returned "
                f'{problem}. To fix: return {{"type": \'{emitted}\', "data": {{...}}}}, a list of such, or None.'
            )
    return outputs


def _problem(output: Any) -> str:
    if isinstance(output, BaseModel):
        return f"the model {type(output).__name__}, which says no event type"
    if not isinstance(output, Mapping):
        return described(output)
    for key in ("type", "data"):
        if output.get(key) is None:
            near = nearest(key, [one for one in output if one not in ("type", "data")])
            return f"a mapping without '{key}'{f', but with {shorten(near)}' if near else ''}"
    return ""


def _place(function: Callable[..., Any]) -> str:
    """A function by its name, and where it stands."""
    plain = inspect.unwrap(function)
    name, code = getattr(plain, "__qualname__", type(plain).__name__), getattr(plain, "__code__", None)
    return f"{name} ({code.co_filename}, line {code.co_firstlineno})" if code is not None else str(name)
