"""The log as JSON: one object a line, whatever is logged."""

from __future__ import annotations

import enum
import json
import logging
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.log_fields import about
from arvo_temporal.json_log import JsonFormatter
from arvo_temporal.log_context import AddFields


def record(message: str = "m", *args: object, **extra: Any) -> logging.LogRecord:
    return logging.getLogger("shop").makeRecord("shop", logging.WARNING, "", 1, message, args, None, extra=extra)


def read(line: str) -> dict[str, Any]:
    assert line.isascii()
    assert len(line.splitlines()) == 1
    found: dict[str, Any] = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return found


def raised(message: str) -> BaseException:
    try:
        raise RuntimeError(message)
    except RuntimeError as error:
        return error


def test_a_line_has_time_level_logger_message_and_what_was_given() -> None:
    line = read(JsonFormatter().format(record("paid %d\n", 3, subject="s", event_id="1", amount=2.5)))
    assert line.pop("time").endswith("Z")
    assert line == {
        **{"level": "WARNING", "logger": "shop", "message": "paid 3"},
        **{"subject": "s", "event_id": "1", "amount": 2.5},
    }


def test_what_the_sdk_tells_becomes_fields_and_what_was_given_stays() -> None:
    workflow = {"workflow_id": "w", "run_id": "r", "attempt": 2}
    activity = {"workflow_id": "x", "workflow_run_id": "y", "activity_type": "com.oracle.ask", "attempt": 1}
    one = read(JsonFormatter().format(record(temporal_workflow=workflow, workflow_id="given")))
    other = read(JsonFormatter().format(record(temporal_activity=activity)))
    assert (one["workflow_id"], one["run_id"], one["attempt"]) == ("given", "r", 2)
    assert (other["workflow_id"], other["run_id"], other["activity_type"]) == ("x", "y", "com.oracle.ask")
    assert "temporal_activity" not in other


def test_what_the_sdk_keeps_to_itself_is_no_field() -> None:
    assert "__temporal_error_identifier" not in read(JsonFormatter().format(record(__temporal_error_identifier="x")))


def test_the_lines_of_the_core_have_target_and_fields() -> None:
    class Entry:
        target = "temporalio_client"
        fields: Mapping[str, Any] = {"error": "refused"}

    line = read(JsonFormatter().format(record("Polling failed", temporal_log=Entry())))
    assert (line["message"], line["target"], line["core"]) == ("Polling failed", "temporalio_client", Entry.fields)


def test_a_field_never_takes_the_place_of_ours() -> None:
    line = read(JsonFormatter().format(record("m", time="mine", level="mine", logger="mine", traceback="mine")))
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "shop", "m")
    assert [line[name] for name in ("time_", "level_", "logger_", "traceback_")] == ["mine"] * 4


def test_a_traceback_is_a_field() -> None:
    one = record("failed")
    error = raised("no\nluck")
    one.exc_info = (type(error), error, error.__traceback__)
    line = read(JsonFormatter().format(one))
    assert line["error"] == "RuntimeError"
    assert line["traceback"].startswith("Traceback (most recent call last):")
    assert line["traceback"].endswith("RuntimeError: no\nluck")


@pytest.mark.parametrize("tracebacks", [False, True])
def test_a_failure_that_its_message_tells_has_its_traceback_on_request(tracebacks: bool) -> None:
    error = raised("no luck")
    one = record("failed", shortened=(type(error), error, error.__traceback__))
    line = read(JsonFormatter(tracebacks=tracebacks).format(one))
    assert line["error"] == "RuntimeError"
    assert ("traceback" in line) is tracebacks
    assert "shortened" not in line


class Broken(Mapping[str, Any]):
    """A mapping that cannot be read, not even as text."""

    __hash__ = object.__hash__

    def __getitem__(self, key: str) -> Any:
        raise RuntimeError(key)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("iter")

    def __len__(self) -> int:
        raise RuntimeError("len")

    def __str__(self) -> str:
        raise RuntimeError("str")

    __repr__ = __str__


class Colour(enum.StrEnum):
    """An enumeration of texts."""

    RED = "red"


def endless() -> list[Any]:
    inside: list[Any] = []
    inside.append(inside)
    return inside


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        pytest.param(10**5000, "<int>", id="a very long number"),
        (2**70, str(2**70)),
        (2**63, 2**63),
        ({Broken(): 1}, {"<Broken>": 1}),
        (b"bytes", "b'bytes'"),
        (Colour.RED, "red"),
        ((1, "a", None, True), [1, "a", None, True]),
        ({1: {2: 3}}, {"1": {"2": 3}}),
        (Broken(), "<Broken>"),
        ("\ud800", "\ud800"),
        ("\u202e\x1b[31m\x85", "\u202e\x1b[31m\x85"),
        ("x" * 9000, "x" * 8000),
        (list(range(1000)), list(range(100))),
        (dict.fromkeys(range(1000)), dict.fromkeys(map(str, range(100)))),
        ({1: {2: {3: {4: {5: 6}}}}}, {"1": {"2": {"3": {"4": "{5: 6}"}}}}),
    ],
)
def test_whatever_a_field_holds_the_line_is_json(value: object, expected: object) -> None:
    assert read(JsonFormatter().format(record(field=value)))["field"] == expected


def test_a_field_that_holds_itself_has_an_end() -> None:
    assert read(JsonFormatter().format(record(field=endless())))["field"]


def test_arguments_that_do_not_fit_cost_no_line() -> None:
    assert read(JsonFormatter().format(record("%d of %d", "x")))["message"] == "%d of %d"


@given(
    message=st.text(),
    extra=st.dictionaries(
        st.text(min_size=1).filter(lambda name: name not in vars(record()) and name not in ("message", "asctime")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
            max_leaves=10,
        ),
    ),
)
def test_every_record_is_one_line_of_json(message: str, extra: dict[str, Any]) -> None:
    one = record()
    one.msg = message
    vars(one).update(extra)
    line = read(JsonFormatter().format(one))
    assert (line["logger"], line["message"]) == ("shop", message.rstrip())


def test_lines_of_others_get_the_fields_of_what_is_going_on() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(AddFields())
    one, other = record(key="given"), record()
    with about({"subject": "s", "key": "42"}):
        handler.filter(one)
    handler.filter(other)
    assert (vars(one)["subject"], vars(one)["key"]) == ("s", "given")
    assert "subject" not in vars(other)
