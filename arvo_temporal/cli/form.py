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
    schema = event.schema.json_schema()
    fields = fields_of(schema)
    values: dict[str, Any] = {}
    wrong: Sequence[Field] = fields
    while True:
        for field in wrong:
            values[field.name] = await _value(field)
        data = put_together(((field, values[field.name]) for field in fields), schema)
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
        _say(f"  {number}  {choice}")
    while True:
        try:
            return field.read(await _line(f"{field.name or 'data'} ({field.hint}): "))
        except FieldError as error:
            _say(str(error))


async def _line(prompt: str) -> str:
    print(plain_text(prompt), end="", file=sys.stderr, flush=True)
    text: bytes = await without_blocking(sys.stdin.buffer.readline)
    if not text.endswith(b"\n"):
        print(file=sys.stderr)
        raise EndOfInputError
    return text.decode(errors="replace").rstrip("\r\n")


def _concerns(field: Field, paths: Sequence[str]) -> bool:
    return any(path == field.name or path.startswith(f"{field.name}.") for path in paths)


def _say(text: str) -> None:
    print(plain_text(text), file=sys.stderr)
