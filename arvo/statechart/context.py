"""Context: a plain dict, or a pydantic model that checks every assignment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from arvo.statechart.callables import arguments_of
from arvo.statechart.errors import ActionError, ReferenceProblem


@dataclass(frozen=True, slots=True)
class ContextType:
    """How a machine's context is made, changed and written.

    Attributes:
        model: The pydantic model, or `None` for a dict.
    """

    model: type[BaseModel] | None = None

    @classmethod
    def of(cls, declared: Any, initial: Any) -> ContextType:
        """Take the model that the author declared, or that the initial context shows."""
        for candidate in (declared, initial, type(initial), _returned(initial)):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                return cls(candidate)
        return cls()

    @property
    def keys(self) -> tuple[str, ...] | None:
        """Keys that may be assigned; `None` if any may."""
        if self.model is None or self.model.model_config.get("extra") == "allow":
            return None
        return tuple(self.model.model_fields)

    def factory(self, given: Any) -> Callable[[Any], Any]:
        """What makes the first context from the input.

        Args:
            given: A mapping, a model instance, a model class with defaults, or a callable that may name `input`.

        Raises:
            ReferenceProblem: It is none of these.
        """
        if self.model is not None and given is self.model:
            return lambda input: self.read({})
        if callable(given):
            wanted = arguments_of(given, ("input",))
            return lambda input: self._first(given(input=input) if wanted else given())
        if given is None or isinstance(given, Mapping | BaseModel):
            return lambda input: self._first(deepcopy(given))
        raise ReferenceProblem(f"{given!r} is no context", "write an object, a model or a callable")

    def _first(self, value: Any) -> Any:
        if self.model is None:
            return dict(value) if value is not None else {}
        return value if isinstance(value, self.model) else self.read(value or {})

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


def _returned(function: Any) -> Any:
    """The return annotation of a context factory."""
    annotation = getattr(function, "__annotations__", {}).get("return")
    return getattr(function, "__globals__", {}).get(annotation) if isinstance(annotation, str) else annotation
