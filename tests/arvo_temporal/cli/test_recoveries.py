"""What each recovery would do to an orchestration, and how it tells of what it has done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from adapter.ledger import Fate, LedgerEntry
from adapter.resolution import OpenRequest
from adapter.troubles import Trouble, TroubleKind
from arvo_temporal.cli.recoveries import Dismiss, Nudge, Recovery, Redrive, Retry
from arvo_temporal.client import ArvoClient, NudgeResult, RedriveResult


class Stuck(ArvoClient):
    """One orchestration with trouble of every kind, two of each."""

    def __init__(self) -> None:
        """Need no server."""

    async def stopped(self, subject: str) -> list[LedgerEntry]:
        fates = (("a", Fate.REFUSED), ("b", Fate.LATE))
        return [
            LedgerEntry.model_validate(
                {"id": "1", "source": source, "type": f"evt.{source}", "fate": fate, "time": "x"}
            )
            for source, fate in fates
        ]

    async def requests(self, subject: str) -> list[OpenRequest]:
        said: list[dict[str, Any]] = [{"id": one, "standing": one} for one in ("open", "failed")]
        return [OpenRequest.model_validate({"type": "com.x", "to": "com.x", "answers": [], **one}) for one in said]

    async def troubles(self, subject: str) -> list[Trouble]:
        return [
            Trouble(kind=kind, id=id, source=None, type=type_, since="x", code=None)
            for kind, id, type_ in (
                (TroubleKind.REFUSED, None, None),
                (TroubleKind.UNHANDLED, "2", "evt.b"),
                (TroubleKind.FAILED, "3", "com.x"),
            )
        ]

    async def between_tries(self, subject: str) -> list[str]:
        return ["com.x has failed twice"]


@pytest.mark.parametrize(
    ("recovery", "plan"),
    [
        (Redrive(None, None), ["send evt.a again (refused)", "send evt.b again (late)"]),
        (Redrive(None, "b"), ["send evt.b again (late)"]),
        (Retry(None), ["send com.x failed again"]),
        (Nudge(False), ["try at once: com.x has failed twice"]),
        (
            Dismiss(None, None),
            ["dismiss refused no event", "dismiss unhandled evt.b 2", "dismiss failed com.x 3"],
        ),
        (Dismiss(None, "unhandled"), ["dismiss unhandled evt.b 2"]),
    ],
)
def test_the_plan_names_what_would_be_done_and_nothing_else(recovery: Recovery[Any], plan: list[str]) -> None:
    assert asyncio.run(recovery.plan(Stuck(), "arvo.orc.x/1.0.0/a/b")) == plan


def redriven(*outcomes: tuple[Fate | None, str | None]) -> list[RedriveResult]:
    return [RedriveResult(str(number), "evt.a", fate, reason) for number, (fate, reason) in enumerate(outcomes)]


@pytest.mark.parametrize(
    ("results", "told", "well"),
    [
        ([], "nothing to send again", True),
        (
            redriven((Fate.APPLIED, None), (Fate.APPLIED, None), (Fate.DUPLICATE, "again")),
            "2 applied, 1 duplicate",
            True,
        ),
        (redriven((Fate.UNHANDLED, "no transition")), "1 unhandled", True),
        (redriven((Fate.REFUSED, "no sum"), (Fate.APPLIED, None)), "1 refused, 1 applied\nno sum", False),
        (redriven((None, "no such event")), "1 unknown\nno such event", False),
        (redriven(*[(Fate.LATE, str(number)) for number in range(5)]), "5 late\n0\n1\n2", False),
    ],
)
def test_what_was_sent_again_is_counted_and_three_reasons_are_told(
    results: Sequence[RedriveResult], told: str, well: bool
) -> None:
    recovery = Redrive(None, None)
    assert recovery.told(results) == told
    assert all(map(recovery.succeeded, results)) is well


def test_what_cannot_be_nudged_is_no_success() -> None:
    results = [NudgeResult("activity", "com.x", True, "tried"), NudgeResult("child", "o-2", False, "by itself")]
    assert [Nudge(False).succeeded(one) for one in results] == [True, False]
    assert Nudge(False).told(results) == "tried\nby itself"
    assert Nudge(False).told([]) == "nothing waits for its next try"
