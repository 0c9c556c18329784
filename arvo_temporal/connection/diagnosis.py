"""What is wrong with a connection, and whether another try can help."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a connection has failed.

    Attributes:
        cause: Why, in words: whole sentences where no other try can help, else what follows "tried for 5 seconds".
        cure: What to do; None where it may pass, and is tried again.
    """

    cause: str
    cure: str | None = None
