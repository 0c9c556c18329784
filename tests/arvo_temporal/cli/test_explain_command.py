"""`arvo-temporal explain`, as a process."""

from __future__ import annotations

import json
from pathlib import Path

from arvo_temporal import workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.conftest import Serve
from tests.orders_under_way import in_state, order_app, order_named

DECIDED = "evt.approval.decided"


async def explained(server: DevServer, *arguments: str) -> tuple[int, str]:
    return await run(
        *ARVO_TEMPORAL,
        "explain",
        *arguments,
        "--app",
        "examples.orders.app:app",
        environment={"TEMPORAL_ADDRESS": server.address, "COLUMNS": "80"},
    )


async def test_an_event_is_explained_and_not_sent(server: DevServer, serve: Serve, tmp_path: Path) -> None:
    init = order_named("05-approved")
    identity = workflow_id(init.subject)
    (tmp_path / "data.json").write_text('{"approved": false, "by": "me"}')
    async with serve(order_app()) as client:
        await client.deliver(init)
        await in_state(client, init.subject, "approving")
        code, said = await explained(server, identity, DECIDED, "--data", f"@{tmp_path / 'data.json'}")
        assert code == 0, said
        assert [line.split() for line in said.splitlines()] == [
            ["accepted:", DECIDED],
            ["It", "is", "accepted."],
            ["now", "in", "approving"],
            [],
            ["transition", "guard", "verdict"],
            ["1", "approving", "→", "shipping", "is_approved", "fails"],
            ["2", "approving", "→", "undoing", "-", "passes"],
            [],
            ["leads", "to", "undoing"],
            ["emits", "com.stock.release,", "com.payment.void"],
            ["timers", "cancels", "approving", "after", "3", "days"],
        ]
        code, said = await explained(server, identity, DECIDED)
        assert code == 0
        assert "needs the data" in said
        code, said = await explained(server, identity, "evt.stock.short", "--json")
        told = json.loads(said)
        assert (code, told["verdict"], told["accepted"]) == (1, "unhandled", False)
        assert (told["accepts"], told["accepted_in"]) == ([DECIDED], ["securing.stock.reserving"])
        code, said = await explained(server, identity, init.type, "--id", init.id)
        assert code == 1
        assert said.startswith(f"duplicate:  {init.type}\nAn event of this id has come before, and was applied at ")
        code, said = await explained(server, identity, DECIDED, "--data", "{")
        assert code == 2
        await in_state(client, init.subject, "approving")


async def test_of_what_is_closed_or_unknown_it_says_so(server: DevServer, serve: Serve) -> None:
    init = order_named("05-approved")
    async with serve(order_app()) as client:
        await client.deliver(init)
        await in_state(client, init.subject, "approving")
        await client.client.get_workflow_handle(workflow_id(init.subject)).terminate()
        code, said = await explained(server, init.subject, DECIDED)
        assert code == 1
        assert said.startswith("late:")
    code, said = await explained(server, "arvo.orc.order/1.0.0/x/y", DECIDED)
    assert code == 1
    assert said.startswith("Error: No orchestration is called 'arvo.orc.order/1.0.0/x/y'")
