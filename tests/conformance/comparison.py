"""Comparison of an answer with an expectation that holds placeholders.

`<uuid:n>`, `<trace:n>` and `<span:n>` stand for generated values: the same placeholder for the same value, another
one for another value, within one line. `<time>`, `<stack>`, `<string>` and `<subject>` stand for any text.
`{"$subject": ...}`, `{"$arvoid": ...}`, `{"$traceparent": ...}` and `{"$error": ...}` stand for texts or errors with
that content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from arvo.wire.compression import CompressionError, decompress_json

_PLACEHOLDER = re.compile(r"<(uuid|trace|span):[0-9]+>|<time>|<stack>|<string>|<subject>")
_PATTERNS = {
    "uuid": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "trace": r"[0-9a-f]{32}",
    "span": r"[0-9a-f]{16}",
    "<time>": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:\+00:00|Z)",
    "<stack>": r"[\s\S]*",
    "<string>": r"[\s\S]*",
    "<subject>": r"[A-Za-z0-9+/=]+",
}


class Comparison:
    """Compares the parts of one line; remembers which placeholder stands for which value."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.placeholders: dict[str, str] = {}

    def difference(self, expected: Any, actual: Any, path: str = "") -> str | None:
        """Return the first difference, or None."""
        if isinstance(expected, Mapping):
            special = self._special(expected)
            if special is not None:
                return special(actual, path)
            return self._object(expected, actual, path)
        if isinstance(expected, list):
            return self._array(expected, actual, path)
        if isinstance(expected, str) and "<" in expected:
            return self._text(expected, actual, path)
        return None if same(expected, actual) else f"{path}: expected {expected!r}, got {actual!r}"

    def _object(self, expected: Mapping[str, Any], actual: Any, path: str) -> str | None:
        if not isinstance(actual, Mapping):
            return f"{path}: expected an object, got {actual!r}"
        keys = [self._known(key) for key in expected]
        free = [key for key in actual if key not in keys]
        for key, member in expected.items():
            name = self._known(key)
            if name not in actual and "<" in key:
                name = next((one for one in free if self._text(key, one, path) is None), name)
                free = [one for one in free if one != name]
            if name not in actual:
                return f"{path}.{key}: expected {member!r}, is missing"
            problem = self.difference(member, actual[name], f"{path}.{key}")
            if problem:
                return problem
        extra = [key for key in free if key not in expected]
        return f"{path}: unexpected {extra[0]!r} = {actual[extra[0]]!r}" if extra else None

    def _array(self, expected: list[Any], actual: Any, path: str) -> str | None:
        if not isinstance(actual, list | tuple):
            return f"{path}: expected a list, got {actual!r}"
        for position, (one, other) in enumerate(zip(expected, actual, strict=False)):
            problem = self.difference(one, other, f"{path}.{position}")
            if problem:
                return problem
        if len(expected) != len(actual):
            return f"{path}: expected {len(expected)} items, got {len(actual)}: {list(actual)!r}"
        return None

    def _text(self, expected: str, actual: Any, path: str) -> str | None:
        if not isinstance(actual, str):
            return None if expected == actual else f"{path}: expected {expected!r}, got {actual!r}"
        pattern, names, end = "", [], 0
        for match in _PLACEHOLDER.finditer(expected):
            pattern += re.escape(expected[end : match.start()])
            pattern += f"({_PATTERNS[match[1] or match[0]]})"
            names.append(match[0])
            end = match.end()
        found = re.fullmatch(pattern + re.escape(expected[end:]), actual)
        if found is None:
            return f"{path}: expected {expected!r}, got {actual!r}"
        pairs = zip(names, found.groups(), strict=True)
        return next((problem for name, value in pairs if (problem := self._bind(name, value, path))), None)

    def _bind(self, name: str, value: str, path: str) -> str | None:
        if ":" not in name:
            return None
        if self.values.setdefault(name, value) != value:
            return f"{path}: {name} was {self.values[name]!r}, here it is {value!r}"
        if self.placeholders.setdefault(value, name) != name:
            return f"{path}: {value!r} was {self.placeholders[value]}, here it is {name}"
        return None

    def _known(self, key: str) -> str:
        return _PLACEHOLDER.sub(lambda match: self.values.get(match[0], match[0]), key)

    def _special(self, expected: Mapping[str, Any]) -> Callable[[Any, str], str | None] | None:
        if len(expected) != 1:
            return None
        key, content = next(iter(expected.items()))
        if key in ("$subject", "$arvoid"):
            return lambda actual, path: self._compressed(content, actual, path)
        if key == "$traceparent":
            return lambda actual, path: self._traceparent(content, actual, path)
        if key == "$error":
            return lambda actual, path: self._error(content, actual, path)
        return None

    def _compressed(self, content: Any, actual: Any, path: str) -> str | None:
        try:
            return self.difference(content, decompress_json(actual), path)
        except (CompressionError, AttributeError):
            return f"{path}: expected a compressed text, got {actual!r}"

    def _traceparent(self, content: Any, actual: Any, path: str) -> str | None:
        parts = actual.split("-") if isinstance(actual, str) else []
        if len(parts) != 4 or parts[0] != "00":
            return f"{path}: expected a traceparent, got {actual!r}"
        return self.difference(content, dict(zip(("trace", "span", "flags"), parts[1:], strict=True)), path)

    def _error(self, content: Mapping[str, Any], actual: Any, path: str) -> str | None:
        is_error = isinstance(actual, BaseException | Mapping)
        return None if is_error else f"{path}: expected an error like {content!r}, got {actual!r}"


def same(expected: Any, actual: Any) -> bool:
    """Tell whether two JSON scalars are equal; a boolean is no number."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    return bool(expected == actual)
