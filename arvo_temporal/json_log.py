"""The log as JSON: one object for each event, for programs that collect logs."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "taskName"}
"""What every record has."""
_SHORTENED = "shortened"
"""The traceback of a failure that its message tells well enough (`one_line_log`)."""
_OURS = ("time", "level", "logger", "message", "error", "traceback")
_CONTEXTS = ("temporal_workflow", "temporal_activity")
"""What the SDK tells of the workflow or activity that logs: a mapping each, whose names become fields."""
_RENAMED = {"workflow_run_id": "run_id"}
_CORE = "temporal_log"
_CORE_FIELDS = "core"
_DEEPEST = 4
_MOST_ITEMS = 100
_MOST_TEXT = 8_000


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON in ASCII, so nothing in it is seen as something else.

    It has `time` (UTC), `level`, `logger` and `message`, then the fields that whoever logs has given as `extra`, then
    what the SDK tells of its workflow or activity, and `error` and `traceback` where something was raised. A field of
    `extra` that has the name of one of these gets `_` behind it.

    Args:
        tracebacks: Write the traceback also of a failure that the message tells well enough.
    """

    def __init__(self, *, tracebacks: bool = False) -> None:
        super().__init__()
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """See the base class."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        for name, value in _fields(record):
            line.setdefault(f"{name}_" if name in _OURS else name, _field(value))
        info = record.exc_info or getattr(record, _SHORTENED, None)
        if isinstance(info, tuple) and info[1] is not None:
            line["error"] = type(info[1]).__name__
            if record.exc_info or self._tracebacks:
                line["traceback"] = self.formatException(info)
        return json.dumps(line)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage().rstrip()
    except Exception:  # its arguments do not fit: as it is, it says more than nothing
        return _text(record.msg)


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    """Yield the fields beside the message: what was given first, as that is nearest to the event."""
    given = {name: value for name, value in vars(record).items() if name not in _STANDARD and not name.startswith("_")}
    given.pop(_SHORTENED, None)
    contexts = [given.pop(name, None) for name in _CONTEXTS]
    core = given.pop(_CORE, None)
    yield from given.items()
    for context in contexts:
        if isinstance(context, Mapping):
            yield from ((_RENAMED.get(str(name), str(name)), value) for name, value in context.items())
    if core is not None:
        yield "target", getattr(core, "target", None)
        if told := getattr(core, "fields", None):
            yield _CORE_FIELDS, told


def _field(value: Any) -> Any:
    try:
        return _plain(value)
    except Exception:  # a mapping of somebody's own, for example
        return _text(value)


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON can hold it, whatever it is, and never much of it."""
    match value:
        case None | bool():
            return value
        case str():
            return value[:_MOST_TEXT]
        case float() if math.isfinite(value):
            return value
        case int() if value.bit_length() <= 64:
            return int(value)
        case Mapping() if depth < _DEEPEST:
            items = list(value.items())[:_MOST_ITEMS]
            return {_text(name): _plain(one, depth + 1) for name, one in items}
        case list() | tuple() | set() | frozenset() if depth < _DEEPEST:
            return [_plain(one, depth + 1) for one in list(value)[:_MOST_ITEMS]]
    return _text(value)


def _text(value: Any) -> str:
    try:
        return str(value)[:_MOST_TEXT]
    except Exception:
        return f"<{type(value).__name__}>"
