"""How a command works on many: who is asked, what counts as a yes, and what is told after a stop or a failure."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapter.errors import OrchestrationNotFoundError, OrchestrationSilentError
from arvo.errors import ExecutionViolation
from arvo_temporal.cli import bulk
from arvo_temporal.cli.bulk import run_on_many
from arvo_temporal.cli.recoveries import Recovery
from arvo_temporal.cli.selecting import Found, Selection
from arvo_temporal.client import ArvoClient


@dataclass(frozen=True, slots=True)
class Chosen(Selection):
    """Finds some without a server."""

    ids: tuple[str, ...] = ("o-1", "o-2", "o-3")

    async def find(self, client: ArvoClient) -> Found:
        return Found(self.ids, len(self.ids))


@dataclass
class Trying(Recovery[str]):
    """Does something to each, unless that is said to go wrong; it may ask to stop after the first one."""

    raising: tuple[str, ...] = ()
    unsuccessful: tuple[str, ...] = ()
    stop: asyncio.Event | None = None
    unplanned: tuple[str, ...] = ()
    tried: list[str] = field(default_factory=list)
    verb = "try"

    async def plan(self, client: ArvoClient, orchestration: str) -> list[str]:
        if orchestration in self.unplanned:
            raise ValueError("its history is gone")
        return ["first", "second"]

    async def apply(self, client: ArvoClient, orchestration: str) -> Sequence[str]:
        self.tried.append(orchestration)
        if self.stop is not None:
            self.stop.set()
        if orchestration in self.raising:
            raise KeyError
        return [orchestration]

    def told(self, results: Sequence[str]) -> str:
        return f"told of {', '.join(results)}"

    def show(self, results: Sequence[str]) -> None:
        """Print nothing."""

    def as_json(self, result: str) -> str:
        return result

    def succeeded(self, result: str) -> bool:
        return result not in self.unsuccessful


def many(recovery: Trying, *, yes: bool = True, as_json: bool = False, ids: tuple[str, ...] | None = None) -> int:
    client: ArvoClient = object.__new__(ArvoClient)
    given: dict[str, Any] = {} if ids is None else {"ids": ids}
    chosen = Chosen(None, "arvo.orc.x", None, 0, yes, **given)
    return asyncio.run(run_on_many(client, chosen, recovery, recovery.stop or asyncio.Event(), as_json=as_json))


def in_a_terminal(monkeypatch: pytest.MonkeyPatch, typed: str | None) -> None:
    """Let the command believe that somebody sits there, who types this; None if nobody is to be asked."""

    def answered(question: str) -> str:
        if typed is None:
            raise AssertionError("nobody is to be asked")
        if typed == "":
            raise EOFError
        return typed

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", answered)


def test_a_stop_begins_nothing_more_and_tells_what_was_not_reached(capsys: pytest.CaptureFixture[str]) -> None:
    trying = Trying(stop=asyncio.Event())
    ids = tuple(f"o-{number:02}" for number in range(20))
    assert many(trying, ids=ids) == 1
    left = len(ids) - len(trying.tried)
    assert 0 < left < len(ids)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"20 found, {len(trying.tried)} well, 0 not, {left} not reached."


def test_where_all_was_reached_that_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert many(Trying()) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1].split() == ["o-1", "yes", "told", "of", "o-1"]
    assert said[-1] == "3 found, 3 well, 0 not."


def test_failures_are_told_first_with_their_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    assert many(Trying(raising=("o-3",), unsuccessful=("o-2",))) == 1
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in said[1:4]] == [
        ["o-2", "no", "told"],
        ["o-3", "no", "KeyError"],
        ["o-1", "yes", "told"],
    ]
    assert said[-1] == "3 found, 1 well, 2 not."


def test_json_in_a_terminal_asks_nobody(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    in_a_terminal(monkeypatch, None)
    trying = Trying()
    assert many(trying, yes=False, as_json=True) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["orchestrations"][0] == {"workflow_id": "o-1", "plan": ["first", "second"]}
    assert (said.err, trying.tried) == ("Error: Nothing was done. Add --yes to do it.\n", [])


@pytest.mark.parametrize("typed", ["y", "Y", "yes", " YES "])
def test_a_yes_is_y_or_yes(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    in_a_terminal(monkeypatch, typed)
    trying = Trying()
    assert many(trying, yes=False) == 0
    assert sorted(trying.tried) == ["o-1", "o-2", "o-3"]


@pytest.mark.parametrize("typed", ["", " ", "n", "no", "yess", "ye", "sure", "1"])
def test_all_else_is_a_no(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    in_a_terminal(monkeypatch, typed)
    trying = Trying()
    assert (many(trying, yes=False), trying.tried) == (1, [])


def test_to_be_stopped_at_the_question_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked() -> bool:
        stop, unanswered = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr(asyncio, "to_thread", lambda *_: unanswered.wait())
        stop.set()
        return await bulk._confirmed("Try 3? [y/N] ", stop)

    assert asyncio.run(asked()) is False


def test_the_plans_stand_in_the_order_of_the_list_which_begins_with_the_newest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert many(Trying(), yes=False, as_json=True, ids=("o-3", "o-1", "o-2")) == 2
    plans = json.loads(capsys.readouterr().out)["orchestrations"]
    assert [one["workflow_id"] for one in plans] == ["o-3", "o-1", "o-2"]


def test_a_table_tells_of_50_and_of_failures_first(capsys: pytest.CaptureFixture[str]) -> None:
    ids = tuple(f"o-{number:02}" for number in range(60))
    assert many(Trying(raising=("o-59",)), ids=ids) == 1
    _, first, *others, more, counted = capsys.readouterr().out.splitlines()
    assert first.split()[:2] == ["o-59", "no"]
    assert [line.split()[0] for line in others] == list(ids[:49])
    assert (more, counted) == ("and 10 more: --json tells of each.", "60 found, 59 well, 1 not.")
    assert many(Trying(), as_json=True, ids=ids) == 0
    assert len(json.loads(capsys.readouterr().out)["orchestrations"]) == 60


@dataclass
class Contested(Trying):
    """What somebody else does in the moment between the look and the deed; of one of them only something like it."""

    error: Exception = field(default_factory=lambda: ExecutionViolation("nothing has failed"))
    idle = "nothing to try"

    async def plan(self, client: ArvoClient, orchestration: str) -> list[str]:
        return ["first"] if orchestration not in self.tried or orchestration == "o-2" else []

    async def apply(self, client: ArvoClient, orchestration: str) -> Sequence[str]:
        self.tried.append(orchestration)
        raise self.error


@pytest.mark.parametrize(
    "error", [ExecutionViolation("nothing has failed"), OrchestrationNotFoundError("closed", workflow_id="o-1")]
)
def test_what_somebody_else_has_done_meanwhile_is_no_failure(
    capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    assert many(Contested(error=error), as_json=True) == 1
    told = {one["workflow_id"]: one for one in json.loads(capsys.readouterr().out)["orchestrations"]}
    assert [told[identity]["ok"] for identity in ("o-1", "o-2", "o-3")] == [True, False, True]
    assert told["o-1"]["outcome"] == "nothing to try"
    assert told["o-2"]["outcome"] == str(error)


def test_what_could_not_be_asked_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    silent = OrchestrationSilentError("no worker answers", workflow_id="o-1")
    assert many(Contested(error=silent)) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "3 found, 0 well, 3 not."


def test_one_that_cannot_be_looked_at_is_told_in_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert many(Trying(unplanned=("o-2",)), yes=False) == 2
    rows = capsys.readouterr().out.splitlines()[1:6]
    assert [row.split() for row in rows] == [
        ["o-1", "first"],
        ["second"],
        ["o-2", "its", "history", "is", "gone"],
        ["o-3", "first"],
        ["second"],
    ]


def test_where_nothing_is_found_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_a_terminal(monkeypatch, None)
    assert many(Trying(), yes=False, ids=()) == 0
    assert capsys.readouterr().out == "0 found, 0 well, 0 not.\n"
    assert many(Trying(), yes=False, as_json=True, ids=()) == 0
    assert json.loads(capsys.readouterr().out) == {
        "found": 0,
        "total": 0,
        "more": False,
        "done": True,
        "orchestrations": [],
    }


class Listing(ArvoClient):
    """Lists five orchestrations, one of them with two runs."""

    def __init__(self) -> None:
        """Need no server."""

    async def ids(self, *, limit: int | None = None, **filters: Any) -> AsyncIterator[str]:
        for identity in ("o-1", "o-2", "o-2", "o-3", "o-4", "o-5")[:limit]:
            yield identity

    async def count(self, **filters: Any) -> int:
        return 6


@pytest.mark.parametrize(("limit", "found", "total"), [(0, 5, 5), (2, 2, 6), (3, 2, 5), (6, 5, 5), (7, 5, 5)])
def test_a_limit_of_0_takes_all(limit: int, found: int, total: int) -> None:
    chosen = asyncio.run(Selection("x", None, None, limit, False).find(Listing()))
    assert (len(chosen.workflow_ids), chosen.total, chosen.is_cut) == (found, total, total > found)
    assert bulk._counted(chosen, "").endswith("--limit 0 takes all.") is chosen.is_cut
