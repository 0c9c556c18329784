"""What commands read: one JSON value, those of an array, or one in each line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import EventFileError
from arvo_temporal.cli import reading
from arvo_temporal.cli.reading import Document, is_of_many, read_object

objects = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9) | st.none(), max_size=4)


def values(text: str | bytes) -> list[Document]:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return list(reading._values(io.BytesIO(data), "It"))


@given(st.lists(objects, min_size=1, max_size=8), st.integers(0, 3))
def test_the_same_values_come_from_lines_and_from_an_array(items: list[dict[str, Any]], indent: int) -> None:
    lines = "\n\n".join(json.dumps(item) for item in items)
    assert [one.value for one in values(lines)] == items
    assert [one.value for one in values(json.dumps(items, indent=indent or None))] == items
    assert [one.value for one in values(json.dumps(items[0], indent=indent or None))] == items[:1]


def test_each_value_has_its_place() -> None:
    assert [one.place for one in values('{}\n\n"a"\n{')] == ["line 1", "line 3", "line 4"]
    assert [one.place for one in values("\n[1,\n 2]")] == ["line 2, item 1", "line 2, item 2"]
    assert [one.place for one in values('{"a":\n 1}')] == ["line 1"]


@pytest.mark.parametrize(("data", "many"), [("-", True), ("@a", True), ("@-", True), ("-5", False), ("{}", False)])
def test_many_values_come_from_files_only(data: str, many: bool) -> None:
    assert is_of_many(data) is many


def test_a_line_that_is_none_is_told_with_its_number() -> None:
    told = values('\ufeff{"a": 1}\r\n\n{"a": \n[3]\n"\xe9"\n')
    assert [(one.line, one.value) for one in told] == [(1, {"a": 1}), (3, None), (4, [3]), (5, "é")]
    assert told[1].problem


def test_a_line_that_is_too_long_is_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST", 50)
    told = values('{"a": 1}\n"' + "x" * 500 + '"\n{"a": 2}')
    assert [(one.line, one.value) for one in told] == [(1, {"a": 1}), (2, None), (3, {"a": 2})]


def test_lines_are_forgotten_as_they_are_read() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            text = b'{"a": 1}\n' * (len(buffer) // 9)
            buffer[: len(text)] = text
            return len(text)

    endless = reading._values(io.BufferedReader(Endless()), "It")
    assert [next(endless).line for _ in range(10_000)][-1] == 10_000


@given(st.binary(max_size=200))
def test_anything_is_values_or_one_error(data: bytes) -> None:
    try:
        told = values(data)
    except EventFileError:
        return
    assert all(one.problem is None or one.value is None for one in told)


def test_an_object_is_read_from_the_option_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    file.write_bytes(b'\xef\xbb\xbf{"ok": true}')
    assert read_object('{"ok": true}') == read_object(f"@{file}") == {"ok": True}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON: "),
        ("[1]", "is no JSON object"),
        ("@absent", "cannot be read: "),
        ('{"a": NaN}', "is no JSON: "),
    ],
)
def test_what_is_no_object_is_wrong_usage(text: str, told: str) -> None:
    with pytest.raises(typer.BadParameter, match=told):
        read_object(text)
