"""The payload of system error events, and how one is made of an exception."""

from __future__ import annotations

from traceback import format_exception
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from arvo.errors import RetoldError, error_name
from arvo.wire import PayloadSchema

_MAX_TEXT: Final = 16 * 1024
"""Characters of each text: with any escaping, the record of a failure and its events fit into one message together."""


class SystemErrorData(BaseModel):
    """What a system error event tells."""

    model_config = ConfigDict(frozen=True)

    error_name: str = Field(alias="errorName", description="The name of the error.")
    error_message: str = Field(alias="errorMessage", description="The message of the error.")
    error_stack: str | None = Field(alias="errorStack", description="The stack of the error, if there is one.")


SYSTEM_ERROR_SCHEMA: Final = PayloadSchema.of(SystemErrorData)
"""Schema of the data of all system error events."""


def describe_error(error: BaseException) -> dict[str, Any]:
    """Return the data of the system error event for an exception.

    The name is that of the exception's class; violations have Arvo's own name. Each text is cut at 16,384 characters.
    """
    return {
        "errorName": _carried(error_name(error)),
        "errorMessage": _carried(_message(error)),
        "errorStack": None if (stack := _stack(error)) is None else _carried(stack),
    }


def _stack(error: BaseException) -> str | None:
    if isinstance(error, RetoldError):
        return error.stack
    return "".join(format_exception(error)) if error.__traceback__ else None


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # what is told of a failure must not fail
        return f"(its message cannot be read: {type(broken).__name__})"


def _carried(text: str) -> str:
    return text[:_MAX_TEXT].encode("utf-8", "backslashreplace").decode()
