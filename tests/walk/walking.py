"""Takes the walk, and tells what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from playwright.async_api import Page, expect

from arvo_temporal import ArvoClient
from tests import browser
from tests.walk.passages import Happens, Passage, Ran, Said, Seen
from tests.walk.shop import Shop, open_shop

_LOADED_WITHIN = 30_000


async def take(walk: Sequence[Passage], pictures: Path) -> list[str]:
    """Take a walk, and return a paragraph of the page for each passage.

    Args:
        walk: The walk.
        pictures: Folder for the pictures of the Temporal UI.

    Raises:
        AssertionError: A command does not end, or the UI does not look, as it should.
    """
    with TemporaryDirectory() as folder:
        async with open_shop(Path(folder)) as (shop, _), browser.page(1280, 1400) as page:
            walker = _Walker(shop, await shop.client(), page, pictures)
            return [text for passage in walk if (text := await walker.pass_by(passage))]


class _Walker:
    def __init__(self, shop: Shop, client: ArvoClient, page: Page, pictures: Path) -> None:
        self._shop = shop
        self._client = client
        self._page = page
        self._pictures = pictures

    async def pass_by(self, passage: Passage) -> str:
        match passage:
            case Said(text):
                return text
            case Happens(what):
                await what(self._shop, self._client)
                return ""
            case Ran():
                return await self._run(passage)
            case Seen():
                return await self._look(passage)

    async def _run(self, ran: Ran) -> str:
        code, printed = await self._shop.command(ran.command)
        assert code == ran.code, f"{ran.command}: exit code {code}\n{printed}"
        for text in ran.shows:
            assert text in printed, f"{ran.command} does not show '{text}':\n{printed}"
        lines = [f"$ {ran.command}", *printed.rstrip().splitlines()]
        if ran.code:
            lines += ["$ echo $?", str(ran.code)]
        return "\n".join(["```console", *lines, "```"])

    async def _look(self, seen: Seen) -> str:
        (row,) = [row async for row in self._client.list(key=seen.key)]
        described = await self._client.client.get_workflow_handle(row.workflow_id).describe()
        workflow = f"workflows/{quote(row.workflow_id, safe='')}/{described.run_id}"
        await self._page.goto(f"{self._shop.server.ui_url}/namespaces/{described.namespace}/{workflow}/user-metadata")
        details = self._page.frame_locator("iframe").nth(1).locator("body")
        for text in seen.shows:
            await expect(details).to_contain_text(text, timeout=_LOADED_WITHIN)
        await self._page.screenshot(path=self._pictures / f"{seen.name}.png")
        return f"![{seen.caption}](pictures/{seen.name}.png)"
