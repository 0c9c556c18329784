"""`make demo KEEP=1`: it stays up as `arvo-temporal dev`, with an order that a person can answer."""

from __future__ import annotations

import re
import sys

from arvo_temporal import ArvoClient, connect
from arvo_temporal.connection import Settings
from examples.demo import OPEN_KEY
from examples.orders.app import app
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run, running


async def test_it_leaves_an_order_for_a_person(tmp_path: object) -> None:
    async with running(sys.executable, "-m", "examples.demo", "--keep") as demo:
        await demo.until("Worker: serves examples.orders.app:app")
        assert "10 of 10 orders ended as their files say." in demo.output
        commands = re.findall(r"^    arvo-temporal (\S+.*)$", demo.output, re.MULTILINE)
        found = re.search(r"export TEMPORAL_ADDRESS=(\S+) ARVO_APP=(\S+) ", demo.output)
        assert found is not None
        environment = {"TEMPORAL_ADDRESS": found[1], "ARVO_APP": found[2]}
        for command in commands[:2]:
            code, printed = await run(*ARVO_TEMPORAL, *command.split(), environment=environment)
            assert code == 0, printed
            assert OPEN_KEY in printed
        code, printed = await run(
            *(*ARVO_TEMPORAL, *commands[2].split()),
            *("--type", "evt.approval.decided", "--data", '{"approved": true, "by": "me"}'),
            environment=environment,
        )
        assert code == 0, printed
        client = ArvoClient(await connect(Settings(address=found[1], namespace="default")), app)
        (row,) = [row async for row in client.list(key=OPEN_KEY)]
        record = await client.result(row.workflow_id, timeout=60)
        assert record["state"]["output"]["outcome"] == "shipped"
        demo.press_ctrl_c()
        assert await demo.end() == 0
