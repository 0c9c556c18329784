"""What a contract refuses when it is created, with field and reason, and what it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import InitVar, dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import (
    MISSING,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    FutureDate,
    Json,
    PlainSerializer,
    RootModel,
    Secret,
    SecretBytes,
    SecretStr,
    computed_field,
    create_model,
)

from arvo import create_arvo_orchestrator_contract, create_simple_arvo_contract
from arvo.errors import InvalidContractError
from arvo.statechart import DefinitionError, create_machine
from tests.arvo.roundtrip.features import FEATURES, Animal, model


class Pixel(Enum):
    CORNER = (0, 0)


class Custom:
    """A class that pydantic knows nothing of."""


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    net: int

    @computed_field
    def gross(self) -> int:
        return self.net * 2


class Open(Closed):
    model_config = ConfigDict(extra="allow")


class Both(BaseModel):
    text: Json[int]

    @computed_field
    def double(self) -> int:
        return self.text * 2


class Swapped(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    first: int | MISSING = Field(MISSING, alias="second")
    second: int = Field(alias="third")


@dataclass
class WithInit:
    given: InitVar[int]


class BesidePattern(BaseModel):
    colour: Annotated[str, Field(pattern="^(red|blue)$")]
    x: Annotated[date, PlainSerializer(date.toordinal)]


class Login(BaseModel):
    password: SecretStr


def field(type_: Any, **options: Any) -> Any:
    return Annotated[type_, Field(**options)]


BASE64 = ConfigDict(ser_json_bytes="base64")
REFUSED: dict[str, tuple[Any, str, str]] = {
    "secret": (model(SecretStr), "x", "is a secret, which pydantic writes as asterisks"),
    "secret bytes": (model(SecretBytes), "x", "is a secret"),
    "secret of any type": (model(Secret[date]), "x", "is a secret"),
    "secrets within": (model(dict[str, list[Login | None]]), "x.password", "is a secret"),
    "computed, forbidden": (model(Closed), "x.gross", "computed field, .*extra='forbid'.*plain property"),
    "computed, kept as extra": (model(Open), "x.gross", "computed field, .*extra='allow'"),
    "computed beside Json": (model(Both), "x.double", "computed field beside one of type Json"),
    "never written": (model(field(int, exclude=True)), "x", "never written"),
    "sometimes not written": (model(field(int, exclude_if=bool)), "x", "not always written.*default"),
    "missing": (model(int | MISSING), "x", "not written where it is MISSING"),
    "init only": (model(WithInit), "x.given", "InitVar, which is never written"),
    "alias to write": (model(field(int, serialization_alias="y")), "x", "written as 'y' and read as 'x'.*alias="),
    "alias to read": (model(field(int, validation_alias="y")), "x", "written as 'x' and read as 'y'"),
    "path to read": (model(field(int, validation_alias=AliasPath("y", 0))), "x", "read as a part of another"),
    "alias of two": (model(Swapped), "x.second", "read from 'second' too|read from 'first' too"),
    "bytes": (model(bytes), "x", "is bytes.*val_json_bytes='base64'"),
    "bytes, half base64": (model(bytes, BASE64), "x", "is bytes"),
    "future": (model(FutureDate), "x", "must lie in the future"),
    "number for a time": (model(datetime, ConfigDict(ser_json_temporal="seconds")), "x", "not read again"),
    "number for a duration": (model(timedelta, ConfigDict(ser_json_timedelta="float")), "x", "not read again"),
    "class of one's own": (
        model(Custom, ConfigDict(arbitrary_types_allowed=True)),
        "x",
        "pydantic knows nothing of",
    ),
    "class": (model(type[int]), "x", "is a class"),
    "callable": (model(Callable[[], int]), "x", "is a callable"),
    "iterable": (model(Iterable[int]), "x", "gone through once"),
    "enum of tuples": (model(Pixel), "x", "not read again"),
    "literal bytes": (model(Literal["a", b"b"]), "x", "not read again"),
    "default of another type": (create_model("Model", x=(list[int], ())), "x", "tuple comes back as .* list"),
    "default that is nothing": (create_model("Model", x=(int, None)), "x", "not read again"),
    "serialiser beside a pattern": (BesidePattern, "x", "not read again"),
    "text or time": (model(str | datetime), "x", "datetime comes back as a value of type str"),
}
OF_PAYLOADS = ("computed", "alias to", "path", "number")
"""What is no loss for a context, which is written under the names of its fields, and read leniently."""
FEATURES_REFUSED = {
    *("list or set", "keys of two kinds", "keys that are pairs", "text or time", "time or text", "enum or text"),
    *("union of models, alike, the other way", "before", "after, again and again"),
    *("serialiser to a number", "serialiser to a text", "serialiser that rounds"),
}


def create(payload: Any) -> None:
    create_simple_arvo_contract(
        uri="#/it", type="test.it", versions={"1.0.0": {"accepts": payload, "emits": dict[str, Any]}}
    )


@pytest.mark.parametrize("name", REFUSED)
def test_a_contract_that_would_lose_values_is_refused_with_field_and_reason(name: str) -> None:
    payload, path, reason = REFUSED[name]
    with pytest.raises(InvalidContractError, match=f"'#/it' at 1.0.0 .* 'com.test.it' .*{path}: .*({reason})") as error:
        create(payload)
    assert (error.value.reason, error.value.paths) == ("lossy-schema", [path])


@pytest.mark.parametrize("name", FEATURES)
def test_a_contract_takes_every_other_feature_of_pydantic(name: str) -> None:
    payload = model(FEATURES[name][0])
    if name in FEATURES_REFUSED:
        with pytest.raises(InvalidContractError, match="x: "):
            create(payload)
    else:
        create(payload)


@pytest.mark.parametrize("name", [name for name in REFUSED if not name.startswith(OF_PAYLOADS)])
def test_a_typed_context_obeys_the_same_rule(name: str) -> None:
    payload, _, _ = REFUSED[name]
    with pytest.raises(DefinitionError) as error:
        create_machine({"id": "m", "context": lambda: None, "initial": "a", "states": {"a": {}}}, context=payload)
    assert [problem.path.split(".")[:2] for problem in error.value.problems] == [["context", "x"]]


def test_a_context_may_have_aliases_and_computed_fields() -> None:
    class Context(Closed):
        buyer: str = Field(default="", validation_alias="buyerName", serialization_alias="name")

    create_machine({"id": "m", "context": {"net": 1}, "initial": "a", "states": {"a": {}}}, context=Context)


def test_a_context_is_assigned_again_and_again_which_text_of_json_cannot_be() -> None:
    with pytest.raises(DefinitionError, match=r"context\.text: is of type Json"):
        create_machine({"id": "m", "context": Both, "initial": "a", "states": {"a": {}}}, context=Both)


def test_the_data_of_an_orchestrator_obeys_the_rule_too() -> None:
    for init, complete in ((Login, Animal), (Animal, Login)):
        with pytest.raises(InvalidContractError, match="password: is a secret"):
            create_arvo_orchestrator_contract(
                uri="#/it", name="it", versions={"1.0.0": {"init": init, "complete": complete}}
            )


@pytest.mark.parametrize("init", [BaseModel, RootModel[dict[str, int]]])
def test_the_init_data_of_an_orchestrator_has_named_fields(init: Any) -> None:
    with pytest.raises(InvalidContractError, match="The init data of an orchestrator must be a pydantic model"):
        create_arvo_orchestrator_contract(uri="#/it", name="it", versions={"1.0.0": {"init": init, "complete": Animal}})


def test_what_pydantic_makes_no_schema_of_is_refused() -> None:
    with pytest.raises(InvalidContractError, match=r"'#/it' at 1.0.0 has no schema for the data of 'com\.test\.it'"):
        create(Custom)


def test_a_schema_that_pydantic_was_told_to_put_off_is_read() -> None:
    class Late(BaseModel):
        model_config = ConfigDict(defer_build=True)

        password: SecretStr

    with pytest.raises(InvalidContractError, match="password: is a secret"):
        create(Late)


def test_types_that_would_grow_beyond_bounds_are_tried_in_part() -> None:
    class Node(BaseModel):
        left: Node | None = None
        right: Node | int | None = None
        others: list[Node] = []
        named: dict[str, Node] = {}

    parts: list[Any] = [create_model("Part", x=(int, ...))]
    for _ in range(11):
        fields: Any = dict.fromkeys("abcdef", (parts[-1], ...))
        parts.append(create_model("Part", **fields))
    create(create_model("Model", node=(Node, ...), part=(parts[-1], ...)))
