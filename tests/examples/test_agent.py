"""The agent on Temporal: its worker is killed in the middle of a turn, and nothing is lost or done twice."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from arvo_temporal import ArvoClient, ArvoPlugin, Fate
from arvo_temporal.dev_server.server import DevServer
from examples.agent.app import app, create_app
from examples.agent.contracts import Task
from examples.agent.costs import costs
from examples.agent.desk import Desk
from examples.agent.handlers import Services
from examples.agent.screen import Screen
from examples.agent.script import QUESTION, Scripted, support
from examples.agent.scripted_endpoint import ScriptedEndpoint
from examples.agent.show import Show
from tests.arvo_temporal.cli.commands import running
from tests.conftest import Serve, replay_everything
from tests.examples.produced import produced_on_temporal


async def test_it_survives_the_crash_and_asks_the_model_only_for_the_turn_again_that_was_cut_off(
    server: DevServer, tmp_path: Path
) -> None:
    client = ArvoClient(await Client.connect(server.address, plugins=[ArvoPlugin(app)]), app)
    with ScriptedEndpoint(support, key="k") as endpoint:
        show = Show(server.address, tmp_path, endpoint.environment, True, Screen())
        subject, report = await show.run(client, Task(question=QUESTION))
    assert show.exit_codes == [-signal.SIGKILL]
    assert endpoint.asked == [1, 2, 2, 3, 4]
    assert (report.outcome, report.turns) == ("answered", 4)
    assert report.answer == "Dear Ada, 129.00 are on their way to you: T-4711-12900."

    everything = await produced_on_temporal(client, app.task_queue)
    requests = [event for event in everything if event.subject == subject and event.source == "arvo.orc.agent"]
    assert sorted(event.type for event in requests if event.type.startswith("com.")) == [
        "com.consent.ask",
        "com.orders.find",
        "com.policy.search",
    ]
    assert len([event for event in everything if event.type == "arvo.orc.refund"]) == 1
    assert len([event for event in everything if event.type == "evt.bank.transfer.success"]) == 1
    ledger = await client.ledger(subject)
    assert {entry.fate for entry in ledger.entries} == {Fate.APPLIED}

    spent = await costs(client, subject, report, endpoint.asked)
    assert spent["turns of the model"] == 4
    assert spent["requests to the model"] == 5
    assert spent["steps of the agent"] == 5
    assert spent["activities that were tried again"] == 2
    await replay_everything(server, app)


async def test_a_person_who_says_nothing_is_not_waited_for_longer_than_the_budget_allows(
    serve: Serve, tmp_path: Path
) -> None:
    quiet = create_app(Scripted(support), Desk(tmp_path), Services(Screen(), slowness=0))
    async with serve(quiet) as client:
        started = await client.start("arvo.orc.agent", Task(question=QUESTION, seconds=1))
        record: Any = await client.result(started.subject, timeout=60)
    assert record["status"] == "done"
    assert record["events"]["produced"][-1]["data"]["outcome"] == "out_of_time"


async def test_the_command_shows_all_of_it() -> None:
    no_model = {"OPENAI_BASE_URL": "", "OPENAI_API_KEY": "", "OPENAI_MODEL": ""}
    async with running(sys.executable, "-m", "examples.agent", "--deny", environment=no_model) as command:
        for words in (
            "was killed in the middle of turn 2",
            "the database does not answer",
            "no to refund(amount=12900, order_id='4711')",
            "I may not refund this",
            "outcome  answered",
            "requests to the model            │   5",
        ):
            await command.until(words)
        assert await command.end() == 0


async def test_a_worker_that_cannot_work_is_told_of(server: DevServer, tmp_path: Path) -> None:
    temporal = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    client = ArvoClient(temporal, app, task_queue="nobody-serves-it")
    show = Show("127.0.0.1:1", tmp_path, {}, True, Screen())
    with pytest.raises(RuntimeError, match=r"exit code 1:(.|\n)*127\.0\.0\.1:1"):
        await show.run(client, Task(question=QUESTION, seconds=1))
