"""Context: a plain dict, or a pydantic model that checks every assignment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from arvo.statechart.errors import ActionError


@dataclass(frozen=True, slots=True)
class ContextType:
    """How a machine's context is changed, written and read.

    Attributes:
        model: The pydantic model, or `None` for a dict.
    """

    model: type[BaseModel] | None = None

    @property
    def keys(self) -> tuple[str, ...] | None:
        """Keys that may be assigned; `None` if any may."""
        if self.model is None or self.model.model_config.get("extra") == "allow":
            return None
        return tuple(self.model.model_fields)

    def updated(self, context: Any, updates: Mapping[str, Any]) -> Any:
        """A new context with some keys replaced.

        Raises:
            pydantic.ValidationError: A value does not fit the model.
            ActionError: The model has no such field.
        """
        if self.model is None:
            return {**context, **updates}
        known = self.keys
        if known is not None and not updates.keys() <= set(known):
            unknown = sorted(updates.keys() - set(known))
            raise ActionError(f"{self.model.__name__} has no field {unknown[0]!r}; it has {', '.join(known)}")
        values = {**context.__dict__, **(context.__pydantic_extra__ or {}), **updates}
        return self.model.model_validate(values, by_alias=False, by_name=True)

    def write(self, context: Any) -> Any:
        """Context as JSON. Values inside a dict are shared with the snapshot."""
        if self.model is None:
            return dict(context)
        return context.model_dump(mode="json", round_trip=True)

    def read(self, data: Any) -> Any:
        """Context from JSON."""
        if self.model is None:
            return dict(data)
        return self.model.model_validate(data, by_alias=True, by_name=True)
