"""What the real Temporal UI shows of an orchestration, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest
from playwright.async_api import Page, expect
from temporalio.client import Client
from temporalio.worker import Worker

from arvo_temporal import ArvoClient, ArvoPlugin, DevServer, workflow_id
from tests.browser import page
from tests.parcels import SECRET, broken, parcel, parcel_app
from tests.polling import eventually

PATIENCE = 60_000.0
KEY = "42 _x_ ~~y~~"

Opened = Callable[[str], Awaitable[Page]]


@pytest.fixture(scope="module")
async def opened() -> AsyncIterator[Opened]:
    """Open a tab of the page of an orchestration in trouble."""
    async with DevServer(ui=True) as server, _orchestration(server) as url, page(1400, 1600) as seen:

        async def open_tab(tab: str) -> Page:
            await seen.goto(f"{url}/{tab}")
            return seen

        yield open_tab


@asynccontextmanager
async def _orchestration(server: DevServer) -> AsyncIterator[str]:
    app, init = parcel_app(broken), parcel(KEY)
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(client, task_queue=app.task_queue):
        arvo, identity = ArvoClient(client, app), workflow_id(init.subject)
        await arvo.execute(init)
        await eventually(lambda: arvo.show(init.subject), lambda one: len(one.troubles) == 2)
        run = (await client.get_workflow_handle(identity).describe()).run_id
        yield f"{server.ui_url}/namespaces/default/workflows/{quote(identity, safe='')}/{run}"


async def test_summary_and_details_are_read_as_they_are_meant(opened: Opened) -> None:
    seen = await opened("user-metadata")
    summary, details = (seen.frame_locator("iframe").nth(number).locator("body") for number in (0, 1))
    await expect(summary).to_contain_text(f"{KEY} · Brings a <parcel> to **its** door · root", timeout=PATIENCE)
    for text in (
        "Brings a <parcel> to **its** door",
        "failed com.pay.charge (",
        "Cure: arvo-temporal retry 'arvo.orc.parcel/1.0.0/42 _x_ ~~y~~/",
        "│  └─ approving [waits for a person], since ",
        "Somebody has to | agree `now`",
        "Takes now evt.pay.charge.success",
        "checking.approval.approving: after 3 days, on ",
        "arvo.orc.counter, child arvo.orc.counter/1.0.0/",
        "sys.com.pay.charge.error, unhandled",
        "Events 1 applied, 1 unhandled, 0 waiting",
    ):
        await expect(details).to_contain_text(text, timeout=PATIENCE)
    assert str(SECRET) not in await details.inner_text()
    assert await details.locator("a, img, b").count() == 0
    tree = details.locator("pre").first
    assert await tree.evaluate("block => block.scrollWidth <= block.clientWidth"), "no line of the tree is cut off"


async def test_timers_and_activities_are_told_apart_in_the_history(opened: Opened) -> None:
    seen = await opened("history")
    for text in ("checking.approval.approving: 3 days", "parcel: 5 hours", "asked in checking.approval.approving"):
        await expect(seen.locator("body")).to_contain_text(text, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("form", "choose", "names"),
    [
        ("Send a Signal", "Select a Signal", ["deliver", "deliver_all"]),
        ("Send an Update", "Select an Update", ["execute", "redrive", "retry"]),
    ],
)
async def test_the_forms_name_what_can_be_sent(opened: Opened, form: str, choose: str, names: list[str]) -> None:
    seen = await opened("user-metadata")
    await seen.get_by_role("button", name="More Actions").locator("visible=true").first.click(timeout=PATIENCE)
    await seen.get_by_text(form).locator("visible=true").first.click(timeout=PATIENCE)
    await seen.get_by_text(choose).locator("visible=true").first.click(timeout=PATIENCE)
    await seen.screenshot(path=f"/tmp/ui-{names[0]}.png")
    for name in names:
        await expect(seen.get_by_role("option", name=name).first).to_be_visible(timeout=PATIENCE)


async def test_the_queries_are_offered_with_what_they_answer(opened: Opened) -> None:
    seen = await opened("query")
    await seen.get_by_text("ledger").locator("visible=true").first.click(timeout=PATIENCE)
    await seen.screenshot(path="/tmp/ui-query.png")
    for name in ("ledger", "record", "view", "violations"):
        await expect(seen.get_by_role("option", name=name).first).to_be_visible(timeout=PATIENCE)
