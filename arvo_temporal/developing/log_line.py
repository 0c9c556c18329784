"""A line of a worker's log, as `--log-format json` writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from arvo.wire import JsonError, read_json


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line.

    Attributes:
        text: What it says.
        time: When, in ISO 8601; empty if it does not say so.
        level: Its level, such as `WARNING`; empty for a line of no log.
        fields: What else it has.
    """

    text: str
    time: str = ""
    level: str = ""
    fields: dict[str, Any] | None = None

    @property
    def is_fate(self) -> bool:
        """Whether it tells what became of an event."""
        return self.fields is not None and isinstance(self.fields.get("fate"), str)

    def field(self, name: str) -> str:
        """Return one of its fields as a text; empty if it is not there."""
        value = (self.fields or {}).get(name)
        return "" if value is None else str(value)

    @classmethod
    def read(cls, line: str) -> LogLine:
        """Read a line; what is no JSON object is taken as a text."""
        try:
            found = read_json(line.encode())
        except JsonError:
            return cls(line)
        if not isinstance(found, dict) or not isinstance(found.get("message"), str):
            return cls(line)
        return cls(found["message"], str(found.get("time", "")), str(found.get("level", "")), found)
