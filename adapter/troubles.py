"""What keeps an orchestration from going on as it should, one by one, as people are told of it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class TroubleKind(StrEnum):
    """The kinds of trouble that an orchestration knows of itself."""

    REFUSED = "refused"
    """An event was refused, and was neither consumed since nor dismissed."""
    UNHANDLED = "unhandled"
    """A system error came for which the machine has no transition, and it has made no step since."""
    FAILED = "failed"
    """A request has failed for good, and was neither sent again since nor dismissed."""


class Trouble(BaseModel):
    """One trouble of an orchestration; nothing of an event's data is in it.

    Attributes:
        kind: What kind it is.
        id: The id of the event, or of the request; None where what came is no event.
        source: Its source, which names it together with the id; None likewise.
        type: Its type, or what stands for it.
        since: When it began, in ISO 8601.
        code: Name of the violation or of the error.
    """

    model_config = ConfigDict(frozen=True)

    kind: TroubleKind
    id: str | None = None
    source: str | None = None
    type: str | None = None
    since: str
    code: str | None = None


class Dismissal(BaseModel):
    """The argument of the update `dismiss`: which troubles are to end without a cure.

    Attributes:
        id: The id of the event, or of the request, that they are about; None for all.
        kind: Their kind; None for any.
    """

    model_config = ConfigDict(extra="forbid")

    id: str | None = None
    kind: TroubleKind | None = None

    def kinds(self) -> tuple[TroubleKind, ...]:
        """Return the kinds that are meant."""
        return tuple(TroubleKind) if self.kind is None else (self.kind,)
