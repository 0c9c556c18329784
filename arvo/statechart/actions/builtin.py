"""What all built-in actions have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from arvo.statechart.implementations import Implementations, Run


@dataclass(frozen=True, slots=True)
class BuiltInAction(ABC):
    """An action that the engine performs itself.

    Attributes:
        type: XState's name of it.
    """

    type: ClassVar[str]

    @abstractmethod
    def compile(self, implementations: Implementations) -> Run:
        """Make the call that performs it on a macrostep."""

    def to_json(self) -> dict[str, Any]:
        """Describe it for a definition in JSON; see `arvo.statechart.definition`."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {"type": self.type, "params": {key: value for key, value in given.items() if value is not None}}
