"""A form: asks for each field until the contract takes what was typed. Here what is typed comes from a file."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any, Self

import pytest
from pydantic import BaseModel, Field, model_validator

from arvo.contracts import ContractEvent
from arvo.wire import PayloadSchema
from arvo_temporal.cli.form import EndOfInputError, choose, fill_in, line_text
from arvo_temporal.cli.form_fields import FieldError

Type = Callable[..., None]


class Place(BaseModel):
    """Where it is."""

    city: str
    street: str

    @model_validator(mode="after")
    def check(self) -> Self:
        """Refuse a place that there is not."""
        if self.city == self.street:
            raise ValueError("no such place")
        return self


class Parcel(BaseModel):
    """What is sent."""

    weight: int = Field(gt=0, description="In \x1b[31mgrams\u202e,\nnot more.")
    place: Place
    dotted: str = Field(alias="place.city")


class Node(BaseModel):
    """A tree."""

    name: str
    children: list[Node] = []


@pytest.fixture
def type_(monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return what types lines."""

    def typed(*lines: str, encoding: str = "utf-8") -> None:
        text = "".join(f"{line}\n" for line in lines).encode(encoding)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text), encoding="utf-8"))

    return typed


def event(type_: type[Any]) -> ContractEvent:
    return ContractEvent("evt.x.y", PayloadSchema.of(type_))


async def test_only_what_is_wrong_is_asked_for_again(type_: Type, capsys: pytest.CaptureFixture[str]) -> None:
    type_("-1", "Bonn", "Bonn", "dot", "5", "Bonn", "Am Hof", "dot")
    assert await fill_in(event(Parcel)) == {
        "weight": 5,
        "place": {"city": "Bonn", "street": "Am Hof"},
        "place.city": "dot",
    }
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("# In \\u001b[31mgrams\\u202e, not more.\n") == 2
    assert "place: Value error, no such place" in err


async def test_a_recursive_type_is_asked_for_by_its_fields(type_: Type) -> None:
    type_("root", '[{"name": "leaf"}]')
    assert await fill_in(event(Node)) == {"name": "root", "children": [{"name": "leaf"}]}


async def test_an_answer_without_data_asks_nothing(type_: Type) -> None:
    type_()
    assert await fill_in(event(type("Nothing", (BaseModel,), {}))) == {}


async def test_the_end_of_the_input_ends_the_form(type_: Type) -> None:
    type_("5", "Bonn")
    with pytest.raises(EndOfInputError):
        await fill_in(event(Parcel))


async def test_what_the_terminal_has_changed_is_typed_again(type_: Type, capsys: pytest.CaptureFixture[str]) -> None:
    type_("Köln", encoding="latin-1")
    with pytest.raises(EndOfInputError):
        await fill_in(event(Node))
    assert "It is no text in utf-8" in capsys.readouterr().err


@pytest.mark.parametrize("line", [b"a", b"a\n", b"a\r\n", b"x" * 4094 + b"\n", "\u00e9\n".encode()])
def test_a_line_is_what_was_typed(line: bytes) -> None:
    assert line_text(line, "utf-8").encode() == line.rstrip(b"\r\n")


@pytest.mark.parametrize("line", [b"x" * 4095 + b"\n", b"K\xf6ln\n"])
def test_a_line_that_has_lost_something_is_refused(line: bytes) -> None:
    with pytest.raises(FieldError):
        line_text(line, "utf-8")


async def test_one_of_several_is_chosen_by_its_number_or_itself(
    type_: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    type_("0", "3", "-1", "\u0662", "", " 2 ", "first", "1")
    assert await choose("Which", ["first", "second"]) == 1
    assert capsys.readouterr().err.count("Type a number from 1 to 2.") == 5
    assert await choose("Which", ["first", "second"]) == 0
    assert await choose("Which", ["first", "second"]) == 0
