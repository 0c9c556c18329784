"""The names of all commands, so that tables of what is tried can be held against them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import typer

from arvo_temporal.cli.main import cli

SERVING = ("worker", "dev", "codec-server")
"""Commands that run until they are stopped."""


def untried(lines: Iterable[str]) -> list[str]:
    """Return the names of the commands that none of the lines, which follow `arvo-temporal`, runs."""
    tried = [f"{line} " for line in (*lines, *SERVING)]
    return [name for name in _names(cli) if not any(line.startswith(f"{name} ") for line in tried)]


def _names(commands: typer.Typer) -> Iterator[str]:
    """Yield the names of all commands, those of groups after the names of these."""
    for command in commands.registered_commands:
        assert command.callback is not None
        yield command.name or command.callback.__name__.replace("_", "-")
    for group in commands.registered_groups:
        assert group.typer_instance is not None
        yield from (f"{group.name} {name}" for name in _names(group.typer_instance))
