"""The real Temporal UI in a browser: an encrypted orchestration is readable there by the codec server, and only so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.async_api import Page, expect
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowHandle
from temporalio.converter import PayloadCodec
from temporalio.worker import Worker

from arvo import ArvoEvent, HandlerOutput
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, DevServer, workflow_id
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, Command, running
from tests.arvo_temporal.cli.test_worker_command import dev_options
from tests.browser import page
from tests.cli import temporal
from tests.downtime import SUCCESS, courier
from tests.errands import errand, errands
from tests.polling import eventually

QUESTION, ANSWER = "what nobody may read", "nor this"
APP = """
import os
from arvo_temporal import ArvoApp
from examples.encryption.codec import AesGcmCodec, keys_from
from tests.arvo_temporal.codec_server.test_temporal_ui import app_of
app = app_of(AesGcmCodec(keys_from(os.environ["ENCRYPTION_KEYS"])))
plain = app_of(None)
"""
_PATIENCE = 20_000


def app_of(codec: PayloadCodec | None) -> ArvoApp:
    """Return an app that asks its service one question."""

    def carry(event: ArvoEvent) -> HandlerOutput:
        return {"type": SUCCESS, "data": {"text": ANSWER}}

    return ArvoApp(orchestrators=[errands()], handlers=[courier(carry)], codec=codec, task_queue="encrypted")


def history_of(server: DevServer, described: WorkflowExecutionDescription) -> str:
    """Return the address of the page that shows the history of a run."""
    workflow = quote(described.id, safe="")
    return f"{server.ui_url}/namespaces/default/workflows/{workflow}/{described.run_id}/history"


@asynccontextmanager
async def codec_served(server: DevServer, folder: Path, keys: str) -> AsyncIterator[tuple[Command, str, Page]]:
    """Serve the codec of the app, and give the command, its URL, and a page of a browser."""
    (folder / "shop.py").write_text(APP)
    command = (*ARVO_TEMPORAL, "codec-server", "shop:app", "--port", "0", "--origin", str(server.ui_url))
    async with running(*command, cwd=folder, environment={"ENCRYPTION_KEYS": keys}) as serving, page() as ui:
        await serving.until("Give that address")
        yield serving, serving.output.split(" served at ")[1].split()[0], ui


async def test_what_is_encrypted_is_readable_in_the_ui_by_the_codec_server(tmp_path: Path) -> None:
    keys = new_key()
    app, init = app_of(AesGcmCodec(keys_from(keys))), errand(QUESTION)
    async with DevServer() as server:
        client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
        async with Worker(client, task_queue=app.task_queue):
            await ArvoClient(client, app).execute(init)
            await ArvoClient(client, app).result(init.subject)
        described = await client.get_workflow_handle(workflow_id(init.subject)).describe()
        where = history_of(server, described)
        async with codec_served(server, tmp_path, keys) as (serving, url, ui):
            await ui.goto(where)
            await expect(ui.get_by_text("Result").first).to_be_visible(timeout=_PATIENCE)
            assert QUESTION not in await ui.inner_text("body")
            await set_codec_server(ui, url)
            await ui.goto(where)
            await expect(ui.locator("body")).to_contain_text(QUESTION, timeout=_PATIENCE)
            await expect(ui.locator("body")).to_contain_text(ANSWER, timeout=_PATIENCE)
            shown = await temporal(server, "workflow", "result", "-w", described.id, "--codec-endpoint", url)
            assert ANSWER in shown
            serving.press_ctrl_c()
            assert await serving.end() == 0
        assert QUESTION not in serving.output


async def test_a_developer_reads_in_the_ui_what_the_app_encrypts(tmp_path: Path) -> None:
    keys = new_key()
    (tmp_path / "shop.py").write_text(APP)
    command = (*ARVO_TEMPORAL, "dev", "shop:app", *dev_options(tmp_path))
    async with running(*command, cwd=tmp_path, environment={"ENCRYPTION_KEYS": keys}) as developed, page() as ui:
        await developed.until("Worker: serves")
        await errand_done(developed, keys)
        (workflows,) = (word for word in developed.output.split() if word.endswith("/workflows"))
        await ui.goto(workflows)
        await ui.get_by_role("link", name="arvo.orc.errand").first.click(timeout=_PATIENCE)
        await expect(ui.locator("body")).to_contain_text(QUESTION, timeout=_PATIENCE)
        developed.press_ctrl_c()
        assert await developed.end() == 0, developed.output


async def errand_done(developed: Command, keys: str) -> None:
    """Let an app that is developed do an errand, and see that it is encrypted."""
    app = app_of(AesGcmCodec(keys_from(keys)))
    address = developed.output.split("TEMPORAL_ADDRESS=")[1].split()[0]
    client = await Client.connect(address, plugins=[ArvoPlugin(app)])
    await ArvoClient(client, app).start("errand", {"text": QUESTION}, key="1")
    await ArvoClient(client, app).wait_for("errand/1", done=True)
    handle = client.get_workflow_handle(await ArvoClient(client, app).find("errand/1"))
    assert QUESTION not in (await handle.fetch_history()).to_json()


async def test_what_a_form_of_the_ui_sends_is_encrypted_by_the_codec_server(tmp_path: Path) -> None:
    keys = new_key()
    app, init = app_of(AesGcmCodec(keys_from(keys))), errand(QUESTION)
    async with DevServer() as server:
        client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
        await ArvoClient(client, app).deliver(init)
        handle = client.get_workflow_handle(workflow_id(init.subject))
        async with codec_served(server, tmp_path, keys) as (_, url, ui):
            await ui.goto(history_of(server, await handle.describe()))
            await expect(ui.get_by_text("Workflow Execution Started").first).to_be_visible(timeout=_PATIENCE)
            await set_codec_server(ui, url)
            await send_by_form(ui, "deliver", '{"text": "by hand"}')
            sent = await eventually(lambda: signals(handle), bool)
    assert [payload.metadata["encoding"] for payload in sent] == [b"binary/encrypted"]
    (decoded,) = await AesGcmCodec(keys_from(keys)).decode(sent)
    assert json.loads(decoded.data) == {"text": "by hand"}


async def send_by_form(ui: Page, name: str, data: str) -> None:
    """Send a signal to the workflow that is shown, as a person does."""
    await ui.get_by_role("button", name="More Actions").locator("visible=true").first.click(timeout=_PATIENCE)
    await ui.get_by_text("Send a Signal").locator("visible=true").first.click(timeout=_PATIENCE)
    await ui.get_by_role("dialog").get_by_role("textbox").first.fill(name)
    await ui.locator("[contenteditable=true]").locator("visible=true").last.click()
    await ui.keyboard.type(data)
    await ui.get_by_test_id("confirm-modal-button").locator("visible=true").last.click()


async def signals(handle: WorkflowHandle[Any, Any]) -> list[Payload]:
    """Return what the signals of a workflow hold."""
    events = (await handle.fetch_history()).events
    return [one for event in events for one in event.workflow_execution_signaled_event_attributes.input.payloads]


async def set_codec_server(ui: Page, url: str) -> None:
    """Set the codec server of this browser, as a person does."""
    await ui.get_by_test_id("data-encoder-status").click()
    await ui.get_by_text("Use my browser setting").click()
    await ui.get_by_placeholder("Paste your endpoint here").fill(url)
    await ui.get_by_role("button", name="Apply").click()
    await expect(ui.get_by_placeholder("Paste your endpoint here")).to_be_hidden()


async def test_what_cannot_be_served_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP)
    for arguments, words in (
        (("shop:plain",), "has no codec"),
        (("shop:app", "--host", "0.0.0.0"), "ARVO_CODEC_TOKEN"),
        (("shop:app", "--origin", "*"), "is no origin"),
        (("absent:app",), "no module"),
    ):
        async with running(
            *ARVO_TEMPORAL, "codec-server", *arguments, cwd=tmp_path, environment={"ENCRYPTION_KEYS": new_key()}
        ) as command:
            assert await command.end() == 1
        assert words in command.output
        assert len(command.output.splitlines()) == 1
