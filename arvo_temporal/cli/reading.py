"""What commands read: JSON of an option, of a file or of standard input, and documents one after the other."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import typer

from adapter.errors import EventFileError
from arvo.errors import shorten
from arvo.wire import MAX_JSON_BYTES, JsonError, read_json

T = TypeVar("T")

LARGEST = MAX_JSON_BYTES
_STDIN = "-"
_STDIN_NAMES = (_STDIN, "@-")
_ARGUMENT_CURE = "Give JSON, @FILE with JSON in it, or - for standard input."
_EVENT_CURE = "Name a file of JSON text; to send to an orchestration of this name, give --type and --data."


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON value of a file.

    Attributes:
        line: The line that it begins in, counted from 1; of an array the first one of that.
        item: Its place in the array, counted from 1; None where there is none.
        value: The value; None where there is a problem.
        problem: Why it is none.
    """

    line: int
    value: Any = None
    problem: str | None = None
    item: int | None = None

    @property
    def place(self) -> str:
        """Where it is, for people: `line 3`, or `line 1, item 2`."""
        return f"line {self.line}" if self.item is None else f"line {self.line}, item {self.item}"


async def read_argument(text: str, what: str) -> Any:
    """Return the JSON that an option has: itself, or that of `@FILE`, or with `-` that of standard input.

    Args:
        text: The option.
        what: What it is, for messages: `--data`.

    Raises:
        EventFileError: It cannot be read, is too long, or is no JSON.
    """
    try:
        return read_json(await _text_of(text))
    except (JsonError, OSError, UnicodeDecodeError) as error:
        where = "standard input" if text in _STDIN_NAMES else shorten(text)
        raise EventFileError(f"{what} cannot be read from {where}: {error}. {_ARGUMENT_CURE}") from error


async def read_data(data: str | None) -> Any:
    """Return the JSON of the option `--data`, as `read_argument` does; an empty object where it is not given.

    Raises:
        EventFileError: As `read_argument` does.
    """
    return {} if data is None else await read_argument(data, "--data")


def read_object(text: str) -> dict[str, Any]:
    """Return the JSON object that an option has, as `read_argument` does, before there is an event loop to block.

    Raises:
        BadParameter: It cannot be read, or is no JSON object.
    """
    try:
        value = read_json(_text_at_once(text))
    except JsonError as error:
        raise typer.BadParameter(f"{shorten(text)} is no JSON: {error}.") from None
    except OSError as error:
        raise typer.BadParameter(f"{shorten(text)} cannot be read: {error}.") from None
    if not isinstance(value, dict):
        raise typer.BadParameter(f"{shorten(text)} is no JSON object, such as '{{\"ok\": true}}'.")
    return value


async def read_text(text: str, what: str) -> str:
    """Return a text that is given itself, as `@FILE`, or with `-` on standard input.

    Args:
        text: What is given.
        what: What it is, for messages.

    Raises:
        EventFileError: It cannot be read, or is no text.
    """
    try:
        read = await _text_of(text)
        return read if isinstance(read, str) else read.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise EventFileError(f"{what} cannot be read: {error}. Give it, @FILE with it, or - for standard input.") from (
            error
        )


def is_of_many(data: str) -> bool:
    """Tell whether the option `--data` names a file or standard input, which may have several values."""
    return data == _STDIN or data.startswith("@")


def read_events(file: str) -> AsyncIterator[Document]:
    """Yield the JSON values of a file, or of standard input: one, those of an array, or one in each line.

    Lines are read as they come, and forgotten; what is one value of several lines is read as a whole.

    Args:
        file: The path of the file; `-` for standard input.

    Raises:
        EventFileError: It cannot be read, or begins with what is no JSON.
    """
    return _read_documents(_documents(file, "The event", _EVENT_CURE))


def read_many(data: str) -> AsyncIterator[Document]:
    """Yield the JSON values of the option `--data`, for which `is_of_many` holds, as `read_events` does.

    Raises:
        EventFileError: As `read_events` does.
    """
    return _read_documents(_documents(data.removeprefix("@"), "--data", _ARGUMENT_CURE))


async def _read_documents(documents: Iterator[Document]) -> AsyncIterator[Document]:
    while (document := await without_blocking(lambda: next(documents, None))) is not None:
        yield document


async def without_blocking(call: Callable[[], T]) -> T:
    """Return what a call returns that may wait for input; whoever is cancelled meanwhile leaves it behind."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            result = call()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    # Not a thread of asyncio's: their end is waited for, and nobody may ever type the line that this one reads.
    threading.Thread(target=work, daemon=True).start()
    return await asyncio.wrap_future(future)


async def _text_of(text: str) -> str | bytes:
    return await without_blocking(lambda: _text_at_once(text))


def _text_at_once(text: str) -> str | bytes:
    if text in _STDIN_NAMES:
        return _stdin().read(LARGEST + 1)
    if text.startswith("@"):
        with Path(text[1:]).open("rb") as file:
            return file.read(LARGEST + 1)
    return text


def _stdin() -> BinaryIO:
    """Return standard input.

    Raises:
        OSError: It was closed before the command began.
    """
    if sys.stdin is None:
        raise OSError("it is closed")
    return sys.stdin.buffer


def _documents(file: str, what: str, cure: str) -> Iterator[Document]:
    where = "standard input" if file == _STDIN else f"'{file}'"
    try:
        with nullcontext(_stdin()) if file == _STDIN else Path(file).open("rb") as stream:
            yield from _values(stream, f"{what} cannot be read from {where}")
    except OSError as error:
        raise EventFileError(f"{what} cannot be read from {where}: {error}. {cure}") from error


def _values(stream: BinaryIO, complaint: str) -> Iterator[Document]:
    """Yield the values of a stream; its first line tells whether there is one in each line."""
    lines = _lines(stream)
    number, first = next(lines, (1, b""))
    value, problem = _read(first)
    if problem is None and not isinstance(value, list):
        yield Document(number, value)
        for further, line in lines:
            value, problem = _read(line)
            yield Document(further, value, problem)
        return
    whole = first + stream.read(LARGEST + 1)
    value, problem = _read(whole) if whole.strip() else (None, "it is empty")
    if problem is not None:
        raise EventFileError(
            f"{complaint}: line {number}: {problem}. Give one value of JSON, an array of them, or one in each line."
        )
    if not isinstance(value, list):
        yield Document(number, value)
        return
    for position, item in enumerate(value, 1):
        yield Document(number, item, item=position)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank with their numbers; of a line that is too long, enough to tell that."""
    number = 0
    while line := stream.readline(LARGEST + 1):
        number += 1
        if len(line) > LARGEST and not line.endswith(b"\n"):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = stream.readline(LARGEST)
        if line.strip():
            yield number, line


def _read(text: bytes) -> tuple[Any, str | None]:
    try:
        return read_json(text), None
    except JsonError as error:
        return None, str(error)
