"""A form in the terminal: asks for the data of an event, field by field, until it fits the contract."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from adapter.plain_text import plain_text
from arvo.contracts import ContractEvent
from arvo.errors import InvalidPayloadError
from arvo_temporal.cli.form_fields import Field, FieldError, fields_of, put_together
from arvo_temporal.cli.reading import without_blocking
from arvo_temporal.cli.schema_words import as_json, opened

_TERMINAL_LINE = 4095
"""A terminal keeps so many bytes of a line, and drops those that follow."""


class EndOfInputError(Exception):
    """The input has ended before all was typed."""


def can_ask() -> bool:
    """Tell whether somebody sits at a terminal who can be asked."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr.isatty())


async def fill_in(event: ContractEvent) -> Any:
    """Ask for the data of an event until the contract takes it, and return it.

    Raises:
        EndOfInputError: The input has ended.
    """
    schema = opened(event.schema.json_schema())
    fields = fields_of(schema)
    values: dict[tuple[str, ...], Any] = {}
    wrong: Sequence[Field] = fields
    while True:
        for field in wrong:
            values[field.path] = await _value(field)
        data = put_together(((field, values[field.path]) for field in fields), schema)
        try:
            event.schema.validate(data)
        except InvalidPayloadError as error:
            _say(str(error))
            wrong = [field for field in fields if _concerns(field, error.paths)] or fields
        else:
            return data


async def choose(what: str, choices: Sequence[str]) -> int:
    """Ask which of several is meant, and return its position.

    Raises:
        EndOfInputError: The input has ended.
    """
    for number, choice in enumerate(choices, 1):
        _say(f"  {number}  {choice}")
    while True:
        text = (await _line(f"{what} (1 to {len(choices)}): ")).strip()
        if text.isascii() and text.isdecimal() and 1 <= int(text) <= len(choices):
            return int(text) - 1
        if text in choices:
            return choices.index(text)
        _say(f"Type a number from 1 to {len(choices)}.")


async def _value(field: Field) -> Any:
    if description := field.schema.get("description"):
        _say(f"# {' '.join(str(description).split())}")
    for number, choice in enumerate(field.choices or (), 1):
        _say(f"  {number}  {choice if isinstance(choice, str) else as_json(choice)}")
    while True:
        try:
            return field.read(await _line(f"{field.name or 'data'} ({field.hint}): "))
        except FieldError as error:
            _say(str(error))


async def _line(prompt: str) -> str:
    while True:
        print(plain_text(prompt), end="", file=sys.stderr, flush=True)
        line: bytes = await without_blocking(sys.stdin.buffer.readline)
        if not line.endswith(b"\n"):
            print(file=sys.stderr)
            raise EndOfInputError
        try:
            return line_text(line, sys.stdin.encoding)
        except FieldError as error:
            _say(str(error))


def line_text(line: bytes, encoding: str) -> str:
    """Return a line of a terminal as text.

    Raises:
        FieldError: The terminal has dropped its end, or it is no text in the encoding.
    """
    line = line.rstrip(b"\r\n")
    if len(line) >= _TERMINAL_LINE:
        raise FieldError("It is longer than a terminal takes: type less, or give all of the data with --data @FILE.")
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        raise FieldError(f"It is no text in {encoding}, which this terminal is said to have: type it again.") from None


def _concerns(field: Field, paths: Sequence[str]) -> bool:
    return any(f"{path}.".startswith(f"{field.name}.") or f"{field.name}.".startswith(f"{path}.") for path in paths)


def _say(text: str) -> None:
    print(plain_text(text), file=sys.stderr)
