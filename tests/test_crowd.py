"""Each command where there are many orchestrations: as `python -m tests.crowd`, with fewer of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.arvo_temporal.cli.names import untried
from tests.crowd import TRIED, Ended, try_all

OFFLINE = ["check", "event", "replay", "simulate", "subject encode", "subject decode"]
"""Commands that ask no server."""


async def test_each_command_does_what_it_should_in_a_crowd() -> None:
    wrong = {line: problem async for line, _, _, problem in try_all(120, _run) if problem}
    assert wrong == {}


async def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> Ended:
    return Ended(*await run(*ARVO_TEMPORAL, *arguments, environment=environment))


def test_each_command_that_asks_a_server_is_tried() -> None:
    assert untried([*(tried.line for tried in TRIED), *OFFLINE]) == [], "add it to TRIED of tests/crowd.py"
