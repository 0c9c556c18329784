"""Expressions of SCXML documents, which are JavaScript, on the V8 that comes with the extra `picture`."""

from __future__ import annotations

import atexit
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from py_mini_racer import JSEvalException, MiniRacer

FUNCTION: Final = "$function"
"""Key under which a value that is a function goes through JSON: by its source."""

# `None`, `True`, `get` and what `_PYTHON` says are of W3C's tests, whose expressions are Python's.
_PYTHON: Final = ((re.compile(r"^not (?=\w)"), "!"), (re.compile(r"^lambda (\w+):"), r"(\1) =>"))
SCRIPT: Final = f"""
const None = null, True = true, False = false;
Object.defineProperty(Object.prototype, "get", {{value(key) {{ return this[key]; }}}});
const revived = (value) => value?.{FUNCTION} ? (0, eval)(`(${{value.{FUNCTION}}})`) : value;
const plain = (value) => typeof value === "function" ? {{{FUNCTION}: String(value)}} : value;
function evaluate(expression, names, context, event) {{
  const values = names.map((name) => revived(context[name]));
  const result = new Function(...names, "_event", `return (${{expression}});`)(...values, event);
  return JSON.stringify({{result: plain(result), truthy: Boolean(result)}});
}}
"""


class ExpressionError(Exception):
    """An expression threw, or is none."""


def evaluate(expression: str, names: Iterable[str], context: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
    """The value of an expression; `undefined` is None.

    Args:
        expression: JavaScript.
        names: The variables that exist, with a value or without.
        context: Their values.
        event: What it reads as `_event`.

    Raises:
        ExpressionError: It throws.
    """
    return _asked(expression, names, context, event).get("result")


def is_true(expression: str, names: Iterable[str], context: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether JavaScript takes the value of an expression for true."""
    return bool(_asked(expression, names, context, event)["truthy"])


def _asked(
    expression: str, names: Iterable[str], context: Mapping[str, Any], event: Mapping[str, Any]
) -> dict[str, Any]:
    for python, javascript in _PYTHON:
        expression = python.sub(javascript, expression)
    arguments = ", ".join(json.dumps(one) for one in (expression, list(names), dict(context), dict(event)))
    try:
        answer: dict[str, Any] = json.loads(str(_engine().eval(f"evaluate({arguments})")))
    except JSEvalException as error:
        raise ExpressionError(str(error).strip().splitlines()[0]) from None
    return answer


@cache
def _engine() -> MiniRacer:
    engine = MiniRacer()
    atexit.register(engine.close)
    engine.eval(SCRIPT)
    return engine
