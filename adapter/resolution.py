"""An answer that somebody gives in the place of a service: what a client and an orchestration agree on."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

RESOLVED_BY = "resolvedby"
"""The CloudEvents extension that marks such an answer; its value says who has given it."""

OPERATOR = "operator"
"""Who gives it where nobody is named."""

_Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Resolution(BaseModel):
    """The argument of the update `resolve`.

    Attributes:
        request: The id of the request that is answered; None for the only one that such an event answers.
        type: The type of the event that answers it, one that its service emits, or its system error.
        data: Its payload.
        by: Who gives it.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    request: str | None = None
    type: str
    data: dict[str, Any] = Field(default_factory=dict)
    by: _Name = OPERATOR


class OpenRequest(BaseModel):
    """A request of an orchestration that has no answer, as the query `requests` tells of it.

    Attributes:
        id: The id of the event.
        type: The type of the event.
        to: Who is to answer it.
        standing: `open` while it is on its way, being handled or waiting for its next try; `failed` once it was
            answered by a system error.
        answers: The types of the events that can answer it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    to: str | None
    standing: Literal["open", "failed"]
    answers: list[str]
