"""What commands print of thousands is bounded: what did not go well comes first, and the rest is counted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest

from arvo_temporal.cli import bulk, deployment
from arvo_temporal.cli.bulk import run_on_many
from arvo_temporal.cli.recoveries import Recovery
from arvo_temporal.cli.selecting import Found, Selection
from arvo_temporal.client import ArvoClient
from arvo_temporal.replay import RunCheck

MANY = 3000


class Chosen(Selection):
    """Finds many without a server."""

    async def find(self, client: ArvoClient) -> Found:
        return Found(tuple(f"o-{number}" for number in range(MANY)), 2 * MANY)


class Trying(Recovery[str]):
    """Does well with all but the last one."""

    verb = "try"

    async def plan(self, client: ArvoClient, orchestration: str) -> list[str]:
        return ["something"]

    async def apply(self, client: ArvoClient, orchestration: str) -> Sequence[str]:
        return [orchestration]

    def told(self, results: Sequence[str]) -> str:
        return "told"

    def show(self, results: Sequence[str]) -> None:
        """Print nothing."""

    def as_json(self, result: str) -> str:
        return result

    def succeeded(self, result: str) -> bool:
        return result != "o-2999"


def many(*, yes: bool, as_json: bool = False) -> int:
    client: ArvoClient = object.__new__(ArvoClient)
    chosen = Chosen(None, "arvo.orc.x", None, MANY, yes)
    return asyncio.run(run_on_many(client, chosen, Trying(), asyncio.Event(), as_json=as_json))


def test_of_many_outcomes_those_that_failed_are_shown_and_the_rest_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert many(yes=True) == 1
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1 + bulk._TOLD + 2
    assert said[1].split() == ["o-2999", "no", "told"]
    assert said[-2] == "and 2,950 more: --json tells of each."
    assert said[-1] == "3,000 found, 2,999 well, 1 not. These are the newest of 6,000: --limit 0 takes all."


def test_a_preview_of_many_is_short_and_tells_how_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert many(yes=False) == 2
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 12
    assert said[-1] == "3,000 found, 2,990 more are not shown. These are the newest of 6,000: --limit 0 takes all."
    assert many(yes=False, as_json=True) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["found"], told["total"], told["more"], len(told["orchestrations"])) == (3000, 6000, True, 10)


def test_of_many_checks_those_that_are_not_fine_are_shown_and_the_rest_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fine = [_check(number) for number in range(MANY)]
    assert deployment._report(fine) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1 + deployment._SHOWN + 3
    assert "and 2,950 more, all of them fine." in said
    assert deployment._report([*fine, *(_check(number, "another context") for number in range(MANY))]) == 1
    said = capsys.readouterr().out.splitlines()
    rows = [line for line in said if line.endswith("carries another context")]
    assert len(rows) == deployment._SHOWN
    assert "and 5,950 more." in said
    assert "and 2,980 more like these." in said
    assert said[-1] == "6,000 checked, 3,000 fine, 3,000 would not go on."


def _check(number: int, *context: str) -> RunCheck:
    return RunCheck(f"o-{number}", "run", 1, None, None, True, context=context)
