"""The schemas of a contract's events: whatever stands for data must bring back every value as it was."""

from __future__ import annotations

from typing import Any

from pydantic import PydanticUserError
from pydantic_core import SchemaError

from arvo.errors import InvalidContractError, list_problems
from arvo.wire import PayloadSchema


def payload_schema(type_: Any, *, event: str, owner: str) -> PayloadSchema[Any]:
    """Return the schema of an event's data.

    Args:
        type_: What stands for the data: a pydantic model or anything that pydantic's `TypeAdapter` takes.
        event: The type of the event, for messages.
        owner: Contract and version, for messages.

    Raises:
        InvalidContractError: Pydantic makes no schema of it, or the data that is sent could differ from the data that
            is read; `paths` names the fields.
    """
    name = getattr(type_, "__name__", None) or str(type_)[:80]
    try:
        schema = PayloadSchema.of(type_)
        losses = schema.losses
    except (PydanticUserError, SchemaError, NameError, TypeError) as error:
        raise InvalidContractError(
            f"The contract {owner} has no schema for the data of '{event}': {name}: {str(error).splitlines()[0]}",
            reason="invalid-field",
            paths=[event],
        ) from error
    if losses:
        raise InvalidContractError(
            f"The contract {owner} would not bring back the data of '{event}' as it was. In {name}: "
            f"{list_problems(losses)}.",
            reason="lossy-schema",
            paths=[loss.path for loss in losses],
        )
    return schema
