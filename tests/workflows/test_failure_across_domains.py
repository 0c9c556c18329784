"""A nested orchestration in another domain, which another app serves: its failure comes home."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient
from tests.arvo.test_failure_across_domains import (
    NESTED,
    errand,
    errand_function,
    errand_start,
    failing_machine,
    failing_resumable,
)
from tests.conftest import Serve
from tests.polling import PATIENCE
from tests.resumables import output_of


@pytest.mark.parametrize("failing", [failing_machine, failing_resumable], ids=["machine", "step"])
@pytest.mark.parametrize("parent", [errand, errand_function], ids=["of a machine", "of a function"])
async def test_a_parent_hears_of_a_child_that_fails_in_the_domain_of_another_app(
    serve: Serve, parent: Any, failing: Any
) -> None:
    clients: dict[str, ArvoClient] = {}
    told: list[ArvoEvent] = []

    async def to_abroad(event: ArvoEvent) -> None:
        await clients["abroad"].deliver(event)

    async def to_home(event: ArvoEvent) -> None:
        told.append(event)
        await clients["home"].deliver(event)

    home = ArvoApp(orchestrators=[parent(NESTED)], publishers={"abroad": to_abroad})
    abroad = ArvoApp(orchestrators=[failing()], publishers={"home": to_home})
    init = errand_start(domain="home")
    async with serve(home) as clients["home"], serve(abroad) as clients["abroad"]:
        await clients["home"].deliver(init)
        async with asyncio.timeout(PATIENCE):
            record = await clients["home"].result(init.subject)
    assert output_of(record) == {"total": 1}
    assert {(event.type, event.to, event.subject) for event in told} == {
        ("sys.arvo.orc.count.error", "arvo.orc.errand", init.subject)
    }
