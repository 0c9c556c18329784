"""Dead letters: what orchestrations have refused, handed to a publisher of the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic import BaseModel, ConfigDict

MAX_TEXT = 262_144
"""Characters of a refused text that a dead letter keeps: with any escaping less than the 2 MB of a payload."""


class DeadLetter(BaseModel):
    """A delivery that an orchestration has refused.

    Attributes:
        workflow_id: The orchestration, as `ArvoClient.redrive` takes it.
        subject: Its subject.
        event_id: The id of the event; None where what came is no event.
        event_type: The type of the event; None where what came is no event.
        code: Name of the violation that refused it, such as `ViolationError<Contract>`.
        reason: The violation's message.
        time: When it was refused, in ISO 8601.
        text: What came: the event as JSON, or whatever it was.
        complete: Whether `text` is all of it; it is cut at 262,144 characters.
    """

    model_config = ConfigDict(frozen=True)

    workflow_id: str
    subject: str
    event_id: str | None
    event_type: str | None
    code: str
    reason: str
    time: str
    text: str
    complete: bool = True


DeadLetterPublisher = Callable[[DeadLetter], Awaitable[None] | None]
"""Takes a dead letter out of the app: to a queue, a table, a mailbox. Called at least once for each; a plain function
is called on a thread."""
