"""What the code of a function says without being called; what it does not say for certain is left out."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import functools
import inspect
import json.decoder
import textwrap
import typing
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from arvo.statechart.authoring import UNREAD, escapes, read

TYPE = "com.bank.charge"


class Made:
    """Something that functions make."""

    def copy(self) -> Made:
        return self


def in_closure(kind: str) -> Callable[..., Any]:
    return lambda context: {"type": kind, "data": context}


def statement(context: Any) -> Any:
    amount = context["amount"]
    return {"type": "com.bank.charge", "data": {"amount": amount}}


@pytest.mark.parametrize(
    "function",
    [
        lambda: {"type": "com.bank.charge"},
        lambda context: {"type": "com.bank.charge", "data": {"amount": context["amount"] + 1}},
        lambda context: {"data": context["x"](1, y=2), "type": "com.bank.charge"},
        lambda context: {"type": "com.bank.charge", "data": 1 if context else 2},
        lambda context: {"type": "com.bank.charge", "data": [one for one in context if one]},
        lambda context: {"type": TYPE, "data": context},
        in_closure("com.bank.charge"),
        statement,
    ],
)
def test_a_type_that_is_written_down_is_read(function: Callable[..., Any]) -> None:
    returned = read(function).returned
    assert returned is not None
    assert returned["type"] == "com.bank.charge"
    assert set(returned) <= {"type", "data"}


@pytest.mark.parametrize(
    "function",
    [
        lambda context: {"type": f"com.{context}.charge"},
        lambda context: {"type": "com.bank." + context},
        lambda context: {"type": "com.bank.charge" if context else "com.bank.refund", "data": 1},
        lambda context: {"type": context["type"], "data": "com.bank.charge"},
        lambda context: {"type": "com.bank.charge".upper()},
    ],
)
def test_a_type_that_is_computed_is_not(function: Callable[..., Any]) -> None:
    returned = read(function).returned
    assert returned is None or returned["type"] is UNREAD


@pytest.mark.parametrize(
    "function",
    [
        lambda context: {"type": "com.bank.charge"} if context else {"type": "com.bank.refund"},
        lambda context: {**context, "type": "com.bank.charge"},
        lambda context: [{"type": "com.bank.charge"}],
        lambda context: context,
        print,
        functools.partial(statement, {}),
    ],
)
def test_what_else_a_function_returns_is_left_out(function: Callable[..., Any]) -> None:
    assert read(function).returned is None


async def asynchronous(context: Any) -> Any:
    return {"type": "com.bank.charge"}


def generating(context: Any) -> Any:
    yield 1
    return {"type": "com.bank.charge"}


@pytest.mark.parametrize("function", [asynchronous, generating])
def test_what_a_coroutine_returns_in_the_end_is_left_out(function: Callable[..., Any]) -> None:
    assert read(function).returned is None


def test_who_gets_an_object_is_read() -> None:
    def collect(context: Any, enqueue: Any) -> None:
        for one in context:
            if one:
                enqueue.emit({"type": "com.bank.charge", "data": {"to": [each for each in one if each]}})
        enqueue.raise_({"type": "PAID"})
        enqueue.assign({"type": "no event"})

    taken = {(one.taker, one.fields.get("type")) for one in read(collect).written}
    assert {("emit", "com.bank.charge"), ("raise_", "PAID"), ("assign", "no event")} <= taken


def test_constant_lists_are_read() -> None:
    returned = read(lambda context: {"type": "a.b.c", "domain": ["external"], "data": context}).returned
    assert returned is not None
    assert returned["domain"] == ["external"]


def test_what_is_made_and_returned_is_read() -> None:
    assert read(lambda: Made()).called is Made
    for function in (lambda: Made().copy(), lambda made: made, lambda: Made() if TYPE else None, lambda: None):
        assert read(function).called is UNREAD


def help_with(enqueue: Any) -> None:
    enqueue("charge")


def calls(enqueue: Any) -> None:
    enqueue("charge")
    enqueue.emit({})
    for _ in range(2):
        enqueue.assign({})


def inside(enqueue: Any) -> None:
    def repeat() -> None:
        enqueue("charge")

    repeat()


def hands_on(enqueue: Any) -> None:
    help_with(enqueue)


def keeps(enqueue: Any) -> list[Any]:
    return [enqueue]


def renames(enqueue: Any) -> None:
    other = enqueue
    other("charge")


def inside_hands_on(enqueue: Any) -> None:
    def repeat() -> None:
        help_with(enqueue)

    repeat()


@pytest.mark.parametrize(
    ("function", "does"),
    [(calls, False), (inside, False), (hands_on, True), (keeps, True), (renames, True), (inside_hands_on, True)],
)
def test_whether_a_parameter_is_handed_on_is_read(function: Callable[..., Any], does: bool) -> None:
    assert escapes(function, "enqueue") is does


def test_reading_never_calls() -> None:
    def explode() -> Any:
        raise AssertionError("called")

    assert read(explode).readable
    assert not read(print).readable


@pytest.mark.parametrize("module", [argparse, dataclasses, difflib, inspect, json.decoder, textwrap, typing])
def test_whatever_a_function_does_it_can_be_read(module: ModuleType) -> None:
    owners = [module, *(one for one in vars(module).values() if isinstance(one, type))]
    functions = [one for owner in owners for one in vars(owner).values() if inspect.isfunction(one)]
    assert len(functions) > 5
    for function in functions:
        reading = read(function)
        assert reading.returned is None or isinstance(reading.returned, dict)
        assert isinstance(escapes(function, "self"), bool)
