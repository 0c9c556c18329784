"""Models with what pydantic offers, each with values of its fields: what a factory sends must be what is read."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntFlag, StrEnum
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Network
from pathlib import PurePosixPath
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar, cast
from uuid import UUID

from hypothesis import strategies as st
from pydantic import (
    MISSING,
    AfterValidator,
    AliasChoices,
    AnyUrl,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    JsonValue,
    PastDatetime,
    PlainSerializer,
    RootModel,
    SecretStr,
    SerializeAsAny,
    StringConstraints,
    Tag,
    computed_field,
    create_model,
    field_serializer,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

T = TypeVar("T")


class Colour(Enum):
    RED = "red"
    BLUE = 2


class Size(StrEnum):
    S = "s"
    L = "l"


class Right(IntFlag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: float = 0.5


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    tricks: list[str]


class Animal(BaseModel):
    name: str


class Bird(Animal):
    wings: int = 2


class Box(BaseModel, Generic[T]):
    content: T


class Days(RootModel[dict[str, list[date]]]):
    pass


class Note(TypedDict):
    text: str
    at: NotRequired[datetime]


@dataclass
class Pair:
    left: int
    right: Decimal = Decimal(1)
    sum: int = field(init=False, default=0)


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    first_name: str
    next_of_kin: list[Camel] = []


class Choices(BaseModel):
    key: int = Field(validation_alias=AliasChoices("key", "id"))


class Computed(BaseModel):
    net: int

    @computed_field
    def gross(self) -> int:
        return self.net * 2


class Defaults(BaseModel):
    validated: int = Field(default=cast("Any", "3"), validate_default=True)
    made: list[int] = Field(default_factory=list)
    none: datetime | None = None


class Unmasked(BaseModel):
    password: SecretStr

    @field_serializer("password", when_used="json")
    def _plain(self, value: SecretStr) -> str:
        return value.get_secret_value()


class Amount(BaseModel):
    cents: int

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"cents": int(value)} if isinstance(value, str) else value

    @model_serializer
    def _as_text(self) -> str:
        return str(self.cents)


class Optional(BaseModel):
    left_out: int | MISSING = MISSING
    unless_none: str | None = Field(None, exclude_if=lambda value: value is None)


def _kind(value: Any) -> str:
    return str(value.get("kind") if isinstance(value, dict) else value.kind)


def model(type_: Any, config: ConfigDict | None = None) -> Any:
    """A model whose one field `x` has the type."""
    return create_model("Model", x=(type_, ...), __config__=config)


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
FLOAT = st.floats()
INTEGER = st.integers(-(2**80), 2**80)
DECIMAL = st.decimals(allow_nan=False, allow_infinity=False)
ZONES = st.none() | st.timedeltas(timedelta(hours=-20), timedelta(hours=20)).map(timezone)
MOMENT = st.datetimes(timezones=ZONES)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGER | FLOAT | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ANYTHING = JSON | MOMENT | st.tuples(INTEGER) | st.binary() | st.just(SecretStr("x")) | st.builds(Bird, name=TEXT)
CATS = st.builds(Cat, lives=INTEGER)
DOGS = st.builds(Dog, tricks=st.lists(TEXT, max_size=2))

FEATURES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "bool": (bool, st.booleans()),
    "int": (int, INTEGER),
    "float": (float, FLOAT),
    "float or nothing": (float | None, st.none() | FLOAT),
    "text": (str, TEXT),
    "decimal": (Decimal, DECIMAL),
    "fraction": (Fraction, st.fractions()),
    "complex": (complex, st.complex_numbers()),
    "bytes": (Base64Bytes, st.just(b"YWI=")),
    "bytes as digits": (
        Annotated[
            bytes,
            PlainSerializer(bytes.hex),
            BeforeValidator(lambda some: bytes.fromhex(some) if isinstance(some, str) else some),
        ],
        st.binary(max_size=4),
    ),
    "date": (date, st.dates()),
    "time": (time, st.times(timezones=ZONES)),
    "datetime": (datetime, MOMENT),
    "past": (PastDatetime, st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year < 2020)),
    "duration": (timedelta, st.timedeltas()),
    "uuid": (UUID, st.uuids()),
    "enum": (Colour, st.sampled_from(Colour)),
    "flag": (Right, st.sampled_from([Right.READ, Right.READ | Right.WRITE])),
    "literal": (Literal["a", 1, None], st.sampled_from(["a", 1, None])),
    "url": (AnyUrl, st.just("https://example.com/ä?b=c")),
    "address": (IPv4Address | IPv6Network, st.ip_addresses(v=4)),
    "path": (PurePosixPath, TEXT.map(PurePosixPath)),
    "size": (ByteSize, st.sampled_from(["1 KiB", 7])),
    "pattern": (re.Pattern, st.sampled_from([re.compile("a"), re.compile("a", re.IGNORECASE)])),
    "list": (list[datetime], st.lists(MOMENT, max_size=3)),
    "set": (set[date], st.sets(st.dates(), max_size=3)),
    "frozen set": (frozenset[str], st.frozensets(TEXT, max_size=3)),
    "tuple": (tuple[int, str, Decimal], st.tuples(INTEGER, TEXT, DECIMAL)),
    "tuple of any length": (tuple[float, ...], st.lists(FLOAT, max_size=3).map(tuple)),
    "sequence": (Sequence[int], st.lists(INTEGER) | st.lists(INTEGER).map(tuple)),
    "mapping": (Mapping[str, int], st.dictionaries(TEXT, INTEGER)),
    "deque": (deque[int], st.lists(INTEGER).map(deque)),
    "counter": (Counter[str], st.lists(TEXT).map(Counter)),
    "default dict": (defaultdict[str, int], st.dictionaries(TEXT, INTEGER).map(lambda some: defaultdict(int, some))),
    "ordered dict": (OrderedDict[str, int], st.dictionaries(TEXT, INTEGER).map(OrderedDict)),
    "keys that are numbers": (dict[int, str], st.dictionaries(INTEGER, TEXT)),
    "keys that are dates": (dict[date, UUID], st.dictionaries(st.dates(), st.uuids(), max_size=3)),
    "keys that are enums": (dict[Size, int], st.dictionaries(st.sampled_from(Size), INTEGER)),
    "keys of two kinds": (dict[int | str, int], st.dictionaries(INTEGER | TEXT, INTEGER)),
    "keys of any kind": (dict[Any, int], st.dictionaries(INTEGER | TEXT, INTEGER)),
    "keys that are pairs": (dict[tuple[int, int], int], st.dictionaries(st.tuples(INTEGER, INTEGER), INTEGER)),
    "named tuple": (Point, st.builds(Point, INTEGER, FLOAT)),
    "dataclass": (Pair, st.builds(Pair, INTEGER)),
    "typed dict": (Note, st.fixed_dictionaries({"text": TEXT}, optional={"at": MOMENT})),
    "model": (Animal, st.builds(Animal, name=TEXT) | st.builds(Bird, name=TEXT)),
    "model, duck typed": (SerializeAsAny[Animal], st.builds(Animal, name=TEXT) | st.builds(Bird, name=TEXT)),
    "generic": (Box[datetime], st.builds(Box[datetime], content=MOMENT)),
    "generic without argument": (Box, st.builds(Box, content=ANYTHING)),
    "root model": (Days, st.dictionaries(TEXT, st.lists(st.dates(), max_size=2), max_size=2).map(Days)),
    "any": (Any, ANYTHING),
    "json value": (JsonValue, JSON),
    "json text": (Json[list[int]], st.just("[1, 2]")),
    "numbers": (int | float, INTEGER | FLOAT),
    "number or text": (int | str | None, INTEGER | TEXT | st.none()),
    "text or time": (str | datetime, TEXT | MOMENT | MOMENT.map(str)),
    "time or text": (datetime | str, TEXT | MOMENT | MOMENT.map(datetime.isoformat)),
    "uuid or number": (UUID | int, st.uuids() | INTEGER),
    "date or time": (date | datetime, st.dates() | MOMENT),
    "list or set": (list[int] | set[int], st.lists(INTEGER) | st.sets(INTEGER)),
    "enum or text": (Colour | str, st.sampled_from(Colour) | TEXT),
    "text enum or text": (Size | str, st.sampled_from(Size) | TEXT),
    "union of models": (Cat | Dog, CATS | DOGS),
    "union of models, alike": (Animal | Bird, st.builds(Animal, name=TEXT) | st.builds(Bird, name=TEXT)),
    "union of models, alike, the other way": (
        Bird | Animal,
        st.builds(Animal, name=TEXT) | st.builds(Bird, name=TEXT),
    ),
    "discriminated": (Annotated[Cat | Dog, Field(discriminator="kind")], CATS | DOGS),
    "discriminated by a function": (
        Annotated[Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Discriminator(_kind)],
        CATS | DOGS,
    ),
    "constraints": (
        Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1)],
        TEXT.map(lambda text: f" A{text} "),
    ),
    "pattern of a text": (Annotated[str, Field(pattern="^(red|blue)$")], st.just("red")),
    "bounds": (Annotated[int, Field(ge=5, le=7)], st.integers(5, 7)),
    "multiples": (Annotated[float, Field(multiple_of=0.5)], st.integers(-9, 9).map(lambda number: number / 2)),
    "digits": (Annotated[Decimal, Field(max_digits=4, decimal_places=2)], st.decimals(0, 99, places=2)),
    "before": (Annotated[list[str], BeforeValidator(lambda text: text.split(","))], st.just("a,b")),
    "before, both": (
        Annotated[list[str], BeforeValidator(lambda some: some.split(",") if isinstance(some, str) else some)],
        st.just("a,b"),
    ),
    "after": (Annotated[str, AfterValidator(str.strip)], TEXT),
    "after, again and again": (Annotated[int, AfterValidator(lambda number: number + 1)], INTEGER),
    "serialiser to a number": (
        Annotated[datetime, PlainSerializer(lambda time: int(time.timestamp()))],
        st.datetimes(),
    ),
    "serialiser to a text": (Annotated[date, PlainSerializer(lambda day: f"{day:%d.%m.%Y}")], st.dates()),
    "serialiser that rounds": (Annotated[float, PlainSerializer(lambda number: round(number, 2))], st.floats(0, 9)),
    "serialiser to the same": (Annotated[date, PlainSerializer(date.isoformat)], st.dates()),
    "aliases": (Camel, st.builds(Camel, first_name=TEXT, next_of_kin=st.lists(st.builds(Camel, first_name=TEXT)))),
    "alias among others": (Choices, INTEGER.map(lambda key: Choices(id=key))),
    "computed": (Computed, st.builds(Computed, net=INTEGER)),
    "defaults": (Defaults, st.builds(Defaults)),
    "secret that is written": (Unmasked, st.builds(Unmasked, password=TEXT)),
    "model as text": (Amount, st.builds(Amount, cents=INTEGER)),
    "left out": (Optional, st.builds(Optional) | st.builds(Optional, left_out=INTEGER, unless_none=TEXT)),
}
