"""`arvo-temporal` itself: its version, its commands, and what importing the package costs."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import arvo_temporal
from arvo_temporal.cli.main import cli
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, ROOT, run

COMMANDS = (
    *("worker", "dev", "health", "send", "record", "ledger", "violations", "redrive", "retry", "history"),
    *("check-deploy", "replay", "start", "answer", "wait", "event", "subject"),
)


async def test_it_says_its_version() -> None:
    assert await run(*ARVO_TEMPORAL, "--version") == (0, f"arvo-temporal {arvo_temporal.__version__}\n")


async def test_its_help_names_the_commands_with_a_line_for_each() -> None:
    code, output = await run(*ARVO_TEMPORAL, "--help")
    assert code == 0
    assert "Durable Arvo orchestrations on Temporal." in output
    for command in COMMANDS:
        lines = [line for line in output.splitlines() if line.strip("│ ").startswith(f"{command} ")]
        assert len(lines) == 1, command
        assert len(lines[0].strip("│ ").removeprefix(command).strip()) > 10


def commands(group: Any, *names: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*names, name)
        if hasattr(command, "commands"):
            yield from commands(command, *names, name)


@pytest.mark.parametrize("names", list(commands(typer.main.get_command(cli))), ids=" ".join)
def test_each_command_has_a_help(names: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(cli, [*names, "--help"])
    assert (shown.exit_code, shown.exception) == (0, None)
    assert f"Usage: root {' '.join(names)}" in shown.output


PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
WRITTEN = re.findall(r"^    (?:[a-z-]+ \| )?arvo-temporal (.*?)(?: +#.*| > .*)?$", PAGE, flags=re.MULTILINE)


@pytest.mark.parametrize("line", [line for line in WRITTEN if not line.startswith("--")])
def test_the_page_of_commands_has_none_that_would_not_be_taken(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVO_APP", "examples.orders.app:app")
    command: Any = typer.main.get_command(cli)
    arguments = shlex.split(line)
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    command.make_context("arvo-temporal", arguments)


async def test_who_imports_the_package_does_not_load_the_command_line() -> None:
    script = "import sys, arvo_temporal; print(sorted({'typer', 'rich', 'click'} & set(sys.modules)))"
    assert await run(sys.executable, "-c", script) == (0, "[]\n")
