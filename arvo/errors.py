"""Everything that this package raises.

    ArvoError
    +-- InvalidValueError               a value breaks a rule; `paths` says where
    |   +-- InvalidUriError             a text that no URI can hold
    |   +-- InvalidEventError           an event, or the JSON of one
    |   +-- InvalidSubjectError         an orchestration subject, or what it is to be made of
    |   +-- InvalidContractError        a contract
    |   +-- InvalidPayloadError         data that does not fit its contract
    +-- UnknownVersionError             a version that the contract does not have
    +-- UnknownEventTypeError           an event type that the contract does not have
    +-- FailedRecordError               a part of a record that a failed orchestration has not
    +-- ViolationError                  an event cannot be processed; who sent or deployed what must act
        +-- ContractViolation           an event or an emission does not fit its contract
        +-- ConfigViolation             handlers, machines and contracts do not fit together
        +-- ExecutionViolation          an event could not be executed at all
        +-- TransactionViolation        lock, read or write of the machine memory failed (arvo.orchestration)

Every class has a `code` that stays the same from release to release.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Final, Literal

__all__ = [
    "ArvoError",
    "ConfigViolation",
    "ContractReason",
    "ContractViolation",
    "described",
    "error_name",
    "ExecutionViolation",
    "FailedRecordError",
    "InvalidContractError",
    "InvalidEventError",
    "InvalidPayloadError",
    "InvalidSubjectError",
    "InvalidUriError",
    "InvalidValueError",
    "list_problems",
    "MAX_MESSAGE",
    "nearest",
    "retold",
    "RetoldError",
    "shorten",
    "SubjectReason",
    "UnknownEventTypeError",
    "UnknownVersionError",
    "ViolationError",
]

MAX_MESSAGE: Final = 4_000
"""Longest message of an error in characters; a longer one loses its middle, so that what and cure remain."""

_MAX_PATH = 500
_SHOWN_PROBLEMS = 8

SubjectReason = Literal["codec", "json", "schema", "parent-codec", "parent-json", "parent-schema"]
ContractReason = Literal[
    "reserved-prefix",
    "invalid-field",
    "invalid-name",
    "wildcard-version",
    "no-versions",
    "not-orchestrator",
    "lossy-schema",
]


class ArvoError(Exception):
    """Root of all errors of Arvo; its message can always be printed, and is never longer than `MAX_MESSAGE`."""

    code: ClassVar[str] = "ARVO100"

    def __init__(self, message: str = "") -> None:
        super().__init__(_bounded(_printable(_bounded(message, MAX_MESSAGE)), MAX_MESSAGE))


class InvalidValueError(ArvoError, ValueError):
    """A value breaks one rule or several.

    Attributes:
        paths: Dotted path of every bad part, `""` for the value as a whole.
    """

    code: ClassVar[str] = "ARVO110"

    def __init__(self, message: str, *, paths: Iterable[str] = ("",)) -> None:
        super().__init__(message)
        self.paths = list(dict.fromkeys(_printable(_bounded(path, _MAX_PATH)) for path in paths))


class InvalidUriError(InvalidValueError):
    """A text cannot be encoded as a URI because it holds half of a surrogate pair."""

    code: ClassVar[str] = "ARVO111"


class InvalidEventError(InvalidValueError):
    """A value, or a JSON text, is not an ArvoEvent."""

    code: ClassVar[str] = "ARVO112"


class InvalidSubjectError(InvalidValueError):
    """A text is not an orchestration subject, or one cannot be made of the given parts.

    Attributes:
        reason: What failed: `codec` (base64 or zlib), `json` or `schema`; with the prefix `parent-` when it is
            the parent's subject that could not be read.
    """

    code: ClassVar[str] = "ARVO113"

    def __init__(self, message: str, *, reason: SubjectReason, paths: Iterable[str] = ("",)) -> None:
        super().__init__(message, paths=paths)
        self.reason = reason


class InvalidContractError(InvalidValueError):
    """A contract breaks a rule.

    Attributes:
        reason: Which kind of rule.
    """

    code: ClassVar[str] = "ARVO114"

    def __init__(self, message: str, *, reason: ContractReason, paths: Iterable[str] = ("",)) -> None:
        super().__init__(message, paths=paths)
        self.reason = reason


class InvalidPayloadError(InvalidValueError):
    """Data does not fit the schema that a contract has for it."""

    code: ClassVar[str] = "ARVO115"


class UnknownVersionError(ArvoError, LookupError):
    """A contract does not have the version that was asked for."""

    code: ClassVar[str] = "ARVO120"


class UnknownEventTypeError(ArvoError, LookupError):
    """A contract has no event of the type that was asked for."""

    code: ClassVar[str] = "ARVO121"


class FailedRecordError(ArvoError, KeyError):
    """The record of a failed orchestration was asked for what only others have, such as its `value`."""

    code: ClassVar[str] = "ARVO122"

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show it in quotes


class ViolationError(ArvoError):
    """An event cannot be processed, and trying again without a change will not help.

    Attributes:
        type: Kind of the violation in Arvo's words.
        name: `ViolationError<type>`; the message begins with it.
        metadata: What the one who raised it adds.
    """

    code: ClassVar[str] = "ARVO130"
    type: ClassVar[str] = "Violation"

    def __init__(self, message: str, *, metadata: Mapping[str, Any] | None = None) -> None:
        prefix = f"{self.name} "
        super().__init__(message if message.startswith(prefix) else prefix + message)
        self.metadata = metadata

    @property
    def name(self) -> str:
        """Name of the error in Arvo, `ViolationError<type>`."""
        return f"ViolationError<{self.type}>"


class ContractViolation(ViolationError):
    """An event, or what a handler or machine emits, does not fit its contract."""

    code: ClassVar[str] = "ARVO131"
    type: ClassVar[str] = "Contract"


class ConfigViolation(ViolationError):
    """Handlers, machines and contracts do not fit together, or lack what an event asks for."""

    code: ClassVar[str] = "ARVO132"
    type: ClassVar[str] = "Config"


class ExecutionViolation(ViolationError):
    """An event could not be executed at all."""

    code: ClassVar[str] = "ARVO133"
    type: ClassVar[str] = "Execution"


class RetoldError(Exception):
    """An exception that was raised elsewhere, as it was described there; its class has the name of that one's.

    Attributes:
        stack: The traceback that it had there, as text.
    """

    stack: str | None = None


def retold(name: str, message: str, stack: str | None) -> RetoldError:
    """Return an exception that tells of one raised elsewhere."""
    error: RetoldError = type(name, (RetoldError,), {})(message)
    error.stack = stack
    return error


def error_name(error: BaseException) -> str:
    """Return the name of an exception as Arvo writes it: that of its class, of violations Arvo's own."""
    return error.name if isinstance(error, ViolationError) else type(error).__name__


def list_problems(problems: Iterable[tuple[str, str]]) -> str:
    """Join problems into one line of bounded length.

    Args:
        problems: Pairs of a dotted path and what is wrong there.
    """
    lines = [f"{path[:120] or '(the whole value)'}: {problem}" for path, problem in problems]
    hidden = len(lines) - _SHOWN_PROBLEMS
    return "; ".join(lines[:_SHOWN_PROBLEMS]) + (f"; and {hidden} more" if hidden > 0 else "")


def nearest(name: object, known: Iterable[object]) -> str | None:
    """Return the known name that somebody who has written `name` most likely meant, or None if none is close."""
    if not isinstance(name, str):
        return None
    found = get_close_matches(name[:_MAX_PATH], sorted(one for one in known if isinstance(one, str)), 1)
    return found[0] if found else None


def described(value: object) -> str:
    """Say what a value is that is not what was expected: `'a text'`, `the function greet`, `a value of type list`."""
    if value is None or isinstance(value, str | int | float):
        return shorten(value)
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if inspect.isroutine(value):
        return f"the function {getattr(value, '__name__', type(value).__name__)}"
    return f"a value of type {type(value).__name__}"


def shorten(value: object) -> str:
    """Return a value as a message shows it: never longer than a line, never with an unprintable character."""
    text = ascii(value[:80]) if isinstance(value, str) else ascii(value) if _is_small(value) else ""
    if isinstance(value, str) and len(value) > 80:
        return f"{text[:-1]}...' ({len(value)} characters)"
    return text or f"a value of type {type(value).__name__}"


def _bounded(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    note = f" ... ({len(text)} characters) ... "
    tail = limit // 4
    return f"{text[: limit - tail - len(note)]}{note}{text[-tail:]}"


def _printable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _is_small(value: object) -> bool:
    return value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 10**18)
