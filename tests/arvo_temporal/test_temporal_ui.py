"""What the real Temporal UI shows of an orchestration, in a real browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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

PATIENCE = 45_000.0
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
        re.compile(r"│\s+└─ approving \[waits for a person\](,|\s+│)\s+since "),
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


SENT = {
    "signal": {"deliver": "Delivers an ArvoEvent (JSON)", "deliver_all": "Delivers several ArvoEvents"},
    "update": {"execute": "Consumes an ArvoEvent (JSON)", "redrive": "Consumes a refused", "retry": "Sends a failed"},
}
ASKED = {"ledger": "What became of", "record": "The machine memory", "view": "Where it", "violations": "The refused"}


@pytest.mark.parametrize("kind", SENT)
async def test_the_forms_name_and_describe_what_can_be_sent(opened: Opened, kind: str) -> None:
    seen = await opened("user-metadata")
    await seen.get_by_role("button", name="More Actions").locator("visible=true").first.click(timeout=PATIENCE)
    form = "Send a Signal" if kind == "signal" else "Send an Update"
    await seen.get_by_text(form).locator("visible=true").first.click(timeout=PATIENCE)
    await offers(seen, kind, SENT[kind])


async def test_the_queries_are_offered_with_what_they_answer(opened: Opened) -> None:
    await offers(await opened("query"), "query", ASKED)


async def offers(seen: Page, kind: str, described: Mapping[str, str]) -> None:
    """Open the list of names in a form, and look for names with descriptions."""
    await seen.get_by_test_id(f"{kind}-select-button").locator("visible=true").first.click(timeout=PATIENCE)
    for name, description in described.items():
        option = seen.get_by_role("option").filter(has_text=re.compile(rf"^\W*{name}\W+{re.escape(description)}"))
        await expect(option.first).to_be_visible(timeout=PATIENCE)
