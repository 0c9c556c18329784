"""Tables and times that commands print: readable at 80 columns, a row per line where a program reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from arvo_temporal.cli.tables import Command, as_line, as_text, print_sections, print_table
from arvo_temporal.cli.times import Times, told

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(), "now"),
        (timedelta(seconds=90), "1 minute ago"),
        (timedelta(days=3, hours=5), "3 days ago"),
        (timedelta(hours=-2, minutes=-5), "in 2 hours"),
    ],
)
def test_a_time_is_told_as_people_say_it(ago: timedelta, words: str) -> None:
    assert told(NOW - ago, now=NOW) == words


def test_a_time_is_told_in_iso_8601() -> None:
    assert told(NOW, Times.ISO) == "2026-05-04T10:00:00+00:00"


def test_a_piped_table_has_a_line_for_each_row(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    print_table(("id", "reason"), [("a" * 120, "b" * 300), ("c", "")])
    assert capsys.readouterr().out.splitlines()[1:] == [f"{'a' * 120}  {'b' * 300}", "c"]


def test_at_80_columns_nothing_is_cut_off(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_table(("id", "reason"), [("a" * 60, "b" * 100)])
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    text = "".join(lines)
    assert text.count("a") == 60 + "reason".count("a")
    assert text.count("b") == 100


def test_what_others_have_written_is_shown_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("id",), [("[red]x[/red]\x1b[2J\u202e",)])
    assert capsys.readouterr().out.splitlines()[1] == r"[red]x[/red]\u001b[2J\u202e"


def test_a_command_stays_one_line_to_be_copied(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    command = f"arvo-temporal retry order/{'k' * 60}"
    print_sections([("ID", [as_text("x")]), ("Trouble", [as_text("word " * 12), Command(f"  {command}")]), ("", [])])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ID       x"
    assert lines[-1] == f"           {command}"
    assert all(len(line) <= 40 for line in lines[:-1])


def test_a_line_of_others_is_one_line_and_no_markup() -> None:
    """With a line break in it, it could pass for a line of ours."""
    assert as_line("[red]a\nTrouble\u202e").plain == "[red]a\\nTrouble\\u202e"
