"""The stream in which an endpoint of the chat completions API sends a turn: server-sent events with pieces of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from examples.agent.turn import ModelUnavailableError, ToolCall, Turn

_DATA = b"data:"
_END = b"[DONE]"


def read_turn(lines: Iterable[bytes], on_text: Callable[[str], None]) -> Turn:
    """Put a turn together from the lines of a stream.

    Args:
        lines: What comes, line by line.
        on_text: Told each piece of what the model writes, and a line end after the last one.

    Raises:
        ModelUnavailableError: The stream breaks off, or is none.
    """
    turn = _Turn(on_text)
    for line in lines:
        if not line.startswith(_DATA):
            continue
        data = line.removeprefix(_DATA).strip()
        if data == _END:
            on_text("\n")
            return turn.whole()
        try:
            turn.add(json.loads(data))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelUnavailableError(f"The model sends what is no piece of a turn: {error!r}") from error
    raise ModelUnavailableError("The model breaks off in the middle of a turn.")


class _Turn:
    """What has come of a turn so far."""

    def __init__(self, on_text: Callable[[str], None]) -> None:
        self._on_text = on_text
        self._text = ""
        self._calls: dict[int, dict[str, str]] = {}
        self._tokens = 0

    def add(self, piece: dict[str, Any]) -> None:
        if (usage := piece.get("usage")) is not None:
            self._tokens = int(usage["total_tokens"])
        for choice in piece.get("choices", ()):
            delta = choice["delta"]
            if text := delta.get("content"):
                self._text += text
                self._on_text(text)
            for part in delta.get("tool_calls") or ():
                self._add_call(part)

    def whole(self) -> Turn:
        calls = [ToolCall(**self._calls[index]) for index in sorted(self._calls)]
        return Turn(self._text, calls, self._tokens)

    def _add_call(self, part: dict[str, Any]) -> None:
        is_new = part["index"] not in self._calls
        call = self._calls.setdefault(part["index"], {"id": "", "name": "", "arguments": ""})
        function = part.get("function") or {}
        call["id"] = part.get("id") or call["id"]
        call["name"] = function.get("name") or call["name"]
        call["arguments"] += function.get("arguments") or ""
        self._on_text(f"{' ' if is_new else ''}{function.get('name') or ''}{function.get('arguments') or ''}")
