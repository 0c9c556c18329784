"""Context: a plain dict, or a pydantic model that checks every assignment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json

from arvo.roundtrip import Loss, Trip, describe, find_losses, first_difference, unwritable_field
from arvo.statechart.errors import ActionError, ContextError

_TRIP: Final = Trip(by_alias=False, strict=False, fields_only=True)


@dataclass(frozen=True, slots=True)
class ContextType:
    """How a machine's context is changed, written and read.

    Attributes:
        model: The pydantic model, or `None` for a dict.
    """

    model: type[BaseModel] | None = None

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What of a context would be lost or changed in the JSON of a snapshot, as far as the model tells."""
        return () if self.model is None else find_losses(cast("Any", TypeAdapter(self.model).core_schema), _TRIP)

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
        """Context as JSON. Values inside a dict are shared with the snapshot.

        Raises:
            ContextError: A restored snapshot would have another context.
        """
        if self.model is None:
            return dict(context)
        try:
            data = context.model_dump(mode="json", round_trip=True, by_alias=False, warnings=False)
            found = first_difference(context, self.read(data))
        except Exception as error:
            raise ContextError(f"The context would not be restored: {_problem(context, error)}") from error
        if found is not None:
            path, one, other = found
            raise ContextError(
                f"The context would not be restored as it is: {path or self.model.__name__}: {describe(one, other)}. "
                "Assign what JSON brings back, or change the type in the model"
            )
        return data

    def read(self, data: Any) -> Any:
        """Context from JSON.

        Raises:
            pydantic.ValidationError: It does not fit the model.
        """
        if self.model is None:
            return dict(data)
        text = to_json(data, inf_nan_mode="null")
        return self.model.model_validate_json(text, by_alias=True, by_name=True)

    def first(self, values: Any) -> Any:
        """Context from what the author wrote, keys being names or aliases of fields.

        Raises:
            pydantic.ValidationError: It does not fit the model.
        """
        if self.model is None:
            return dict(values or {})
        if isinstance(values, self.model):
            return values
        return self.model.model_validate(values or {}, by_alias=True, by_name=True)


def _problem(context: BaseModel, error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return f"{unwritable_field(context)}: {type(error).__name__}: {error}"
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
