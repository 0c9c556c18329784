"""What became of the events of `send`: a line for each, and an exit code for all."""

from __future__ import annotations

import json
import sys
from collections import deque

from adapter.plain_text import plain_text
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.client import Sent


class Outcomes:
    """Prints what became of events, as they are told of.

    Args:
        as_json: Whether to print a line of JSON for each.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._lines: deque[int] = deque()
        """The lines of the events that are under way."""
        self._taken = 0
        self._refused = 0

    def expect(self, line: int) -> None:
        """Note that the event of a line is under way: it is told of after those before it."""
        self._lines.append(line)

    def refuse(self, line: int, error: Exception, expected: str | None = None) -> None:
        """Tell of what could not be sent."""
        self._refused += 1
        if self._as_json:
            self._print({"line": line, "status": "refused", "reason": str(error)})
        else:
            self._complain(line, str(error))
            if expected is not None:
                print(f"Expected: {plain_text(expected)}", file=sys.stderr)

    def tell(self, sent: Sent) -> None:
        """Tell of what was sent."""
        line = self._lines.popleft()
        self._taken += sent.accepted
        self._refused += not sent.accepted
        if self._as_json:
            told = {"line": line, "id": sent.id, "type": sent.type, "status": sent.status.value}
            more = {"workflow_id": sent.workflow_id, "reason": sent.reason}
            events = {"events": [event.to_json() for event in sent.events]} if sent.events else {}
            self._print(told | {key: value for key, value in more.items() if value} | events)
        elif sent.workflow_id is None and not sent.accepted:
            self._complain(line, sent.reason or sent.status.value)
        else:
            print_words(sent.status.value, sent.workflow_id, sent.reason)
            for event in sent.events:
                print_json(event.to_json())

    def conclude(self) -> int:
        """Say how many there were, where there were several, and return the exit code."""
        if self._taken + self._refused > 1 and not self._as_json:
            print(f"{self._taken} taken, {self._refused} not.", file=sys.stderr)
        return int(self._refused > 0)

    def _complain(self, line: int, reason: str) -> None:
        print(f"Error: line {line}: {plain_text(reason, lines=True)}", file=sys.stderr)

    def _print(self, value: object) -> None:
        print(plain_text(json.dumps(value, ensure_ascii=False)), flush=True)
