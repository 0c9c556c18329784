"""Paths played on Temporal come to the states that they name."""

from __future__ import annotations

import pytest

from arvo_temporal.pytest import ArvoPath, ServeApp, ServeAppInSkippedTime, arvo_paths, play
from examples.orders.order import order_machine
from tests.arvo.testing.test_paths import costing

PATHS = arvo_paths(order_machine, events={"arvo.orc.order": [costing(1), costing(200_000)]})


def named(end: str) -> ArvoPath:
    return next(path for path in PATHS if str(path).endswith(end))


async def test_a_path_is_played_by_a_worker(arvo_worker: ServeApp) -> None:
    record = await play(named("evt.payment.authorized -> evt.approval.decided -> shipping"), arvo_worker)
    assert record["value"] == "shipping"


async def test_a_path_with_timers_is_played_where_time_jumps(arvo_time_skipping: ServeAppInSkippedTime) -> None:
    record = await play(named("after 3 days -> undoing"), arvo_time_skipping)
    assert record["value"] == "undoing"


async def test_a_path_that_waits_long_is_refused_where_time_does_not_jump(arvo_worker: ServeApp) -> None:
    with pytest.raises(ValueError, match=r"waits for 259200 seconds. To fix: play it with arvo_time_skipping"):
        await play(named("after 3 days -> undoing"), arvo_worker)
