"""Evaluates the expressions in which the vectors write guards, assignments, outputs and handler rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from arvo.events import ArvoEvent


class _Missing:
    """JavaScript's undefined: not null, left out of objects, and false."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()

Scope = Mapping[str, Any]


def evaluate(expression: Any, scope: Scope) -> Any:
    """Value of `expression`; `scope` holds what `$ctx`, `$event`, `$input`, ... read."""
    if isinstance(expression, list):
        return [_null_if_missing(evaluate(member, scope)) for member in expression]
    if not isinstance(expression, dict):
        return expression
    if len(expression) == 1:
        ((name, argument),) = expression.items()
        if name.startswith("$"):
            return _operate(name[1:], argument, scope)
    members = {key: evaluate(member, scope) for key, member in expression.items()}
    return {key: value for key, value in members.items() if value is not MISSING}


def read(root: Any, path: str) -> Any:
    """Follow a dotted path; an empty path is the whole value, an absent step is MISSING."""
    if path == "":
        return root.to_json() if isinstance(root, ArvoEvent) else root
    value = root
    for step in path.split("."):
        value = get(value, step)
        if value is MISSING:
            return MISSING
    return value


def get(container: Any, key: Any) -> Any:
    """Member of an object, a list or an event, or MISSING."""
    if isinstance(container, ArvoEvent):
        return getattr(container, key, container.extensions.get(key, MISSING))
    if isinstance(container, Mapping):
        return container.get(str(key), MISSING)
    if isinstance(container, list | str):
        index = int(key) if str(key).isdigit() else -1
        return container[index] if 0 <= index < len(container) else MISSING
    return MISSING


def truthy(value: Any) -> bool:
    """Truth as JavaScript has it: empty lists and objects are true, NaN is false."""
    if isinstance(value, list | Mapping):
        return True
    if isinstance(value, float) and math.isnan(value):
        return False
    return bool(value)


def strict_equal(left: Any, right: Any) -> bool:
    """JavaScript's ===: no coercion, objects and lists by identity."""
    if left is right:
        return not (isinstance(left, float) and math.isnan(left))
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right
    return isinstance(left, str) and isinstance(right, str) and left == right


def as_text(value: Any) -> str:
    """JavaScript's String(value), for the values that the vectors join."""
    if value is MISSING:
        return "undefined"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def make_error(name: str, message: str) -> Exception:
    """An exception whose class has the given name."""
    kind: type[Exception] = type(name, (Exception,), {})
    return kind(message)


def _null_if_missing(value: Any) -> Any:
    return None if value is MISSING else value


def _operate(name: str, argument: Any, scope: Scope) -> Any:
    if name == "lit":
        return argument
    if name == "throw":
        raise make_error("Error", as_text(evaluate(argument, scope)))
    if name in scope and isinstance(argument, str):
        return read(scope[name], argument)
    if name in _READS:
        return MISSING
    if name == "if":
        condition, then, otherwise = argument
        return evaluate(then if truthy(evaluate(condition, scope)) else otherwise, scope)
    if name in _UNARY:
        return _UNARY[name](evaluate(argument, scope))
    return _OPERATIONS[name](*[evaluate(member, scope) for member in argument])


def _number(value: Any) -> float | int:
    if value is None:
        return 0
    return value if isinstance(value, int | float) else math.nan


def _add(*values: Any) -> Any:
    total = values[0]
    for value in values[1:]:
        if isinstance(total, str) or isinstance(value, str):
            total = as_text(total) + as_text(value)
        else:
            total = _number(total) + _number(value)
    return total


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def apply(left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)
        return compare(_number(left), _number(right))

    return apply


def _merge(*objects: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for members in objects:
        merged.update(members if isinstance(members, Mapping) else {})
    return merged


def _product(*values: Any) -> Any:
    return math.prod(_number(value) for value in values)


def _exists(value: Any) -> bool:
    return value is not MISSING and value is not None


def _length(value: Any) -> int:
    return len(value) if _exists(value) else 0


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if _exists(value)), MISSING)


_READS = frozenset({"ctx", "event", "input", "service", "collected", "meta", "domain", "version", "source", "ref"})
_UNARY: dict[str, Callable[[Any], Any]] = {
    "len": _length,
    "not": lambda value: not truthy(value),
    "exists": _exists,
}
_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": _add,
    "mul": _product,
    "sub": lambda left, right: _number(left) - _number(right),
    "mod": lambda left, right: math.fmod(_number(left), _number(right)) if right else math.nan,
    "concat": lambda *texts: "".join(as_text(text) for text in texts),
    "append": lambda items, item: [*items, item],
    "get": get,
    "merge": _merge,
    "coalesce": _coalesce,
    "eq": strict_equal,
    "ne": lambda left, right: not strict_equal(left, right),
    "lt": _ordered(lambda left, right: left < right),
    "lte": _ordered(lambda left, right: left <= right),
    "gt": _ordered(lambda left, right: left > right),
    "gte": _ordered(lambda left, right: left >= right),
    "and": lambda *values: all(truthy(value) for value in values),
    "or": lambda *values: any(truthy(value) for value in values),
    "in": lambda item, items: any(strict_equal(item, member) for member in items),
}
