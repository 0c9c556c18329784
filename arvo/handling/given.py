"""What users give to a handler, and what its functions return: whether it can be used, and what to write instead."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from arvo.contracts import ArvoContract, VersionedArvoContract
from arvo.errors import ConfigViolation, ContractViolation, described, nearest, shorten

_OWNER = "create_arvo_event_handler"


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
    if isinstance(executionunits, bool) or not isinstance(executionunits, int | float):
        raise ConfigViolation(f"{_OWNER}(executionunits=...) is {described(executionunits)}. To fix: give a number.")
    version = next(iter(contract.versions))
    if not isinstance(handler, Mapping):
        raise ConfigViolation(
            f"{_OWNER}(handler=...) of '{contract.uri}' is {described(handler)}. To fix: say for which version it is, "
            f"handler={{'{version}': {getattr(handler, '__name__', 'function')}}}."
        )
    for number, function in handler.items():
        if not callable(function):
            raise ConfigViolation(
                f"{_OWNER}(handler=...) of '{contract.uri}' has {described(function)} for version {shorten(number)}. "
                "To fix: give a function."
            )


def outputs_of(result: Any, function: Callable[..., Any], contract: VersionedArvoContract) -> list[Mapping[str, Any]]:
    """Return the events that the function of a handler has returned, as a list.

    Args:
        result: What it has returned.
        function: The function, for messages.
        contract: The contract in its version.

    Raises:
        ContractViolation: It has returned something else than mappings with `type` and `data`.
    """
    one = isinstance(result, Mapping | BaseModel | str | bytes) or not isinstance(result, Iterable)
    outputs = [result] if one else list(result)
    for output in outputs:
        problem = _problem(output)
        if problem:
            emitted = next(iter(contract.emits), "evt.bank.charged")
            raise ContractViolation(
                f"The handler of '{contract.dataschema}' cannot send its result: {_place(function)} has returned "
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
