"""How refused deliveries leave an orchestration: as dead letters, beside its events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError

from adapter.app import ArvoApp
from adapter.dead_letters import MAX_TEXT, DeadLetter
from adapter.ledger import LedgerEntry
from adapter.log_fields import orchestration_fields
from adapter.names import DEAD_LETTER
from adapter.policies import EmissionPolicy
from adapter.spans import span
from adapter.summaries import one_line
from workflows.log import logger

_MOST_LETTERS = 256
_MOST_CHARACTERS = 2 * MAX_TEXT
"""What waits for a publisher that is down is carried from run to run, where all has to fit into one payload."""
_UNTIL_IT_WORKS = EmissionPolicy(retry=RetryPolicy(maximum_interval=timedelta(minutes=1)))


class DeadLetters:
    """Hands refused deliveries to the app's dead-letter publisher; does nothing where it has none.

    Args:
        app: The app of the worker.
        subject: The subject of the orchestration.
    """

    def __init__(self, app: ArvoApp, subject: str) -> None:
        self._app = app
        self._subject = subject
        self._open: dict[asyncio.Task[None], DeadLetter] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def add(self, entry: LedgerEntry, text: str) -> None:
        """Send what the ledger has entered as refused on its way; the ledger alone has it where too many wait already.

        Args:
            entry: The entry of the ledger.
            text: All that came.
        """
        if self._app.dead_letters is None:
            return
        letter = DeadLetter(
            workflow_id=workflow.info().workflow_id,
            subject=self._subject,
            event_id=entry.id,
            event_type=entry.type,
            code=entry.code or "",
            reason=entry.reason or "",
            time=entry.time,
            text=text[:MAX_TEXT],
            complete=len(text) <= MAX_TEXT,
        )
        if self._has_room_for(letter):
            self._send(letter)
        else:
            logger.error(
                "A dead letter is not sent, too many wait for the publisher; the ledger has its event.",
                extra=orchestration_fields(self._subject),
            )

    def carry(self) -> list[DeadLetter]:
        """Return what has not left."""
        return list(self._open.values())

    def restore(self, letters: Iterable[DeadLetter]) -> None:
        """Send what an earlier run has left."""
        for letter in letters:
            self._send(letter)

    def _has_room_for(self, letter: DeadLetter) -> bool:
        characters = sum(_length(one) for one in self._open.values()) + _length(letter)
        return len(self._open) < _MOST_LETTERS and characters <= _MOST_CHARACTERS

    def _send(self, letter: DeadLetter) -> None:
        task = asyncio.create_task(self._publish(letter))
        self._open[task] = letter
        task.add_done_callback(self._open.pop)

    async def _publish(self, letter: DeadLetter) -> None:
        policy = self._app.policies.get(DEAD_LETTER, _UNTIL_IT_WORKS)
        try:
            await workflow.execute_activity(
                DEAD_LETTER,
                letter.model_dump(mode="json"),
                result_type=RawValue,
                start_to_close_timeout=span(policy.timeout),
                retry_policy=policy.retry,
                summary=one_line(f"{letter.code} {letter.event_type or ''}"),
            )
        except ActivityError as error:
            about = orchestration_fields(self._subject)
            logger.error("A dead letter could not be published: %s", error.cause, extra=about)


def _length(letter: DeadLetter) -> int:
    texts = (letter.text, letter.subject, letter.reason, letter.event_id or "", letter.event_type or "")
    return sum(map(len, texts))
