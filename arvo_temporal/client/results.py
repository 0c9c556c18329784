"""What senders are answered: by one event that is executed, and by each of those that are sent again."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.ledger import Fate
from arvo.events import ArvoEvent

_TAKEN = (Fate.APPLIED, Fate.UNHANDLED, Fate.DUPLICATE)


@dataclass(frozen=True, slots=True)
class StartResult:
    """The answer to a start.

    Attributes:
        subject: The subject of the orchestration, by which it can be sent to and read.
        workflow_id: Its workflow.
        started: Whether it was started by this call; False if it was there already, running or closed.
    """

    subject: str
    workflow_id: str
    started: bool


@dataclass(frozen=True, slots=True)
class ExecuteResult:
    """The answer of an orchestration to an event.

    Attributes:
        fate: What became of it: `applied`, `unhandled`, `duplicate` or `late`.
        events: The events that it produced, which are on their way.
        reason: In words, for every fate but `applied`.
    """

    fate: Fate
    events: tuple[ArvoEvent, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RedriveResult:
    """What became of an event that was to be sent again.

    Attributes:
        id: The event's id; None if what was refused is no event, and cannot be sent.
        type: The event's type; None if the ledger does not tell.
        fate: The fate that it has now: `applied`, `unhandled`, `duplicate`, again `refused`, or again `late`; None if
            the ledger has no refused or late event of this id, so that nothing was sent.
        reason: In words, for every fate but `applied`.
        source: The event's source, which names it together with the id; None if the ledger does not tell.
    """

    id: str | None
    type: str | None
    fate: Fate | None
    reason: str | None = None
    source: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the orchestration has the event."""
        return self.fate in _TAKEN
