"""What became of the events of `send`: a line for each, and an exit code for all."""

from __future__ import annotations

import json
import sys
from collections import deque

from adapter.plain_text import plain_text
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.reading import Document
from arvo_temporal.client import Sent


class Outcomes:
    """Prints what became of events, as they are told of.

    Args:
        as_json: Whether to print a line of JSON for each.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._under_way: deque[Document] = deque()
        """What the events that are under way were read from."""
        self._taken = 0
        self._refused = 0

    def expect(self, document: Document) -> None:
        """Note that the event of a document is under way: it is told of after those before it."""
        self._under_way.append(document)

    def refuse(self, document: Document, error: Exception, expected: str | None = None) -> None:
        """Tell of what could not be sent."""
        self._refused += 1
        if self._as_json:
            self._print({**_place(document), "status": "refused", "reason": str(error)})
        else:
            self._complain(document, str(error))
            if expected is not None:
                print(f"Expected: {plain_text(expected)}", file=sys.stderr)

    def tell(self, sent: Sent) -> None:
        """Tell of what was sent."""
        document = self._under_way.popleft()
        self._taken += sent.accepted
        self._refused += not sent.accepted
        if self._as_json:
            told = {**_place(document), "id": sent.id, "type": sent.type, "status": sent.status.value}
            more = {"workflow_id": sent.workflow_id, "reason": sent.reason}
            events = {"events": [event.to_json() for event in sent.events]} if sent.events else {}
            self._print(told | {key: value for key, value in more.items() if value} | events)
        elif sent.workflow_id is None and not sent.accepted:
            self._complain(document, sent.reason or sent.status.value)
        else:
            where = None if sent.reason is None else document.place
            print_words(sent.status.value, sent.workflow_id, where, sent.reason)
            for event in sent.events:
                print_json(event.to_json())
            sys.stdout.flush()

    def conclude(self) -> int:
        """Say how many there were, where there were several, and return the exit code."""
        if self._taken + self._refused > 1 and not self._as_json:
            print(f"{self._taken} taken, {self._refused} not.", file=sys.stderr)
        return int(self._refused > 0)

    def abandon(self) -> None:
        """Say what is known where it has ended before the end: what was on its way may have been taken."""
        if self._taken + self._refused:
            print(f"It has ended early: {self._taken} taken, {self._refused} not.", file=sys.stderr)
        if self._under_way:
            first, last = self._under_way[0].place, self._under_way[-1].place
            through = "" if first == last else f" to {last}"
            print(
                f"On its way was {first}{through}: it may have been taken. Nothing after it was sent. An event that is "
                "sent again under its id is recognised.",
                file=sys.stderr,
            )

    def _complain(self, document: Document, reason: str) -> None:
        print(f"Error: {document.place}: {plain_text(reason, lines=True)}", file=sys.stderr)

    def _print(self, value: object) -> None:
        print(plain_text(json.dumps(value, ensure_ascii=False)), flush=True)


def _place(document: Document) -> dict[str, int]:
    return {"line": document.line} | ({} if document.item is None else {"item": document.item})
