"""Each command where there are many orchestrations: as `python -m tests.crowd`, with fewer of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.crowd import Ended, try_all


async def test_each_command_does_what_it_should_in_a_crowd() -> None:
    wrong = {line: problem async for line, _, _, problem in try_all(120, _run) if problem}
    assert wrong == {}


async def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> Ended:
    return Ended(*await run(*ARVO_TEMPORAL, *arguments, environment=environment))
