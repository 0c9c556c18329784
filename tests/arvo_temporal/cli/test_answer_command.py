"""`arvo-temporal answer`: by a form in a terminal, and by options in scripts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from arvo import ArvoEvent
from arvo_temporal import ArvoClient, StartResult
from arvo_temporal.cli.answering import called
from arvo_temporal.client import PendingRequest
from arvo_temporal.dev_server.server import DevServer
from tests.approvals import GOOD, approvals_app, verdict_contract
from tests.apps import start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.arvo_temporal.cli.terminal import Terminal, terminal
from tests.conftest import Serve
from tests.polling import eventually

APP = ("--app", "tests.approvals:app")


async def answer(server: DevServer, *arguments: str) -> tuple[int, str]:
    return await run(*ARVO_TEMPORAL, "answer", *arguments, *APP, environment={"TEMPORAL_ADDRESS": server.address})


@asynccontextmanager
async def asked(serve: Serve, signatures: int = 0) -> AsyncIterator[tuple[ArvoClient, StartResult]]:
    """Let an orchestration ask, for a verdict or, where there are to be some, for signatures."""
    async with serve(approvals_app()) as client:
        begun = await client.start("approval", {"signatures": signatures})
        [request] = await eventually(lambda: client.pending_requests(begun.subject), bool)
        if signatures:
            await client.answer(request, GOOD, type="evt.verdict.given")
        yield client, begun


@asynccontextmanager
async def form(server: DevServer, *arguments: str) -> AsyncIterator[Terminal]:
    environment = {"TEMPORAL_ADDRESS": server.address}
    async with terminal(*ARVO_TEMPORAL, "answer", *arguments, *APP, environment=environment) as opened:
        yield opened


async def test_a_form_asks_until_the_contract_takes_it(server: DevServer, serve: Serve) -> None:
    async with asked(serve) as (client, begun), form(server, begun.workflow_id) as shown:
        await shown.answer("Which answer (1 to 2): ", "1")
        await shown.answer("approved (boolean): ", "perhaps")
        await shown.answer("approved (boolean): ", "yes")
        await shown.answer("amount (integer): ", "-3")
        await shown.answer('level (one of "low", "high"): ', "2")
        await shown.answer("place.city (text): ", "")
        await shown.answer("place.city (text): ", "Köln")
        await shown.answer("place.zip (text or null; optional): ", "")
        await shown.answer("rate (number; else 0.5): ", "0.25")
        await shown.answer("note (text or null; optional): ", "\x1b[31mred")
        await shown.answer("note (text or null; optional): ", "fine")
        await shown.answer("tags (list of text; else []): ", '["a"]')
        await shown.answer("amount (integer): ", "3")
        assert await shown.end() == 0
        consumed = (await client.result(begun.subject))["events"]["consumed"]
    assert consumed is not None
    assert consumed["data"] == {
        "approved": True,
        "amount": 3,
        "level": "high",
        "place": {"city": "Köln", "zip": None},
        "rate": 0.25,
        "note": "fine",
        "tags": ["a"],
    }
    assert "# In cents." in shown.shown
    assert "greater than or equal to 0" in shown.shown
    assert "applied" in shown.shown


async def test_one_of_several_requests_is_chosen(server: DevServer, serve: Serve) -> None:
    async with asked(serve, signatures=1) as (client, begun):
        first, second = await client.pending_requests(begun.subject)
        async with form(server, begun.workflow_id) as shown:
            await shown.answer("Which request (1 to 2): ", "7")
            await shown.answer("Which request (1 to 2): ", "2")
            assert await shown.end() == 0
        assert await client.pending_requests(begun.subject) == [first]
        code, said = await answer(server, begun.workflow_id, first.event.id[:12], "--data", "{}", "--json")
        assert code == 0
        told = json.loads(said)
        assert (told["request"], told["fate"]) == (first.event.id, "applied")
        assert await answer(server, begun.workflow_id, "--data", "{}") == (
            1,
            "Error: It waits for no answer from outside its app.\n",
        )
    assert second.event.type == "com.signature.ask"


async def test_ctrl_c_and_the_end_of_the_input_send_nothing(server: DevServer, serve: Serve) -> None:
    async with asked(serve) as (client, begun):
        for key, code in (("\x03", 130), ("\x04", 1)):
            async with form(server, begun.workflow_id, "--type", "evt.verdict.refused") as shown:
                await shown.until("text (text): ")
                shown.type(key)
                assert await shown.end() == code
        assert len(await client.pending_requests(begun.subject)) == 1


async def test_a_script_is_told_what_is_missing(server: DevServer, serve: Serve) -> None:
    async with asked(serve) as (client, begun):
        code, said = await answer(server, begun.workflow_id, "--data", "{}")
        assert (code, said) == (
            2,
            "Error: Say which answer it is with --type: evt.verdict.given, evt.verdict.refused.\n",
        )
        code, said = await answer(server, begun.workflow_id, "--type", "", "--data", "{}")
        assert (code, "not by ''" in said) == (1, True)
        code, said = await answer(server, begun.workflow_id, "", "--type", "evt.verdict.given", "--data", "{}")
        assert (code, "No request is called so" in said) == (1, True)
        code, said = await answer(server, begun.workflow_id, "--type", "evt.verdict.given")
        assert code == 2
        assert 'amount (integer), level (one of "low", "high")' in said
        code, said = await answer(server, begun.workflow_id, "--type", "evt.verdict.given", "--data", '{"amount": 1}')
        assert code == 1
        assert "approved: Field required" in said
        assert 'Expected: approved (boolean), amount (integer), level (one of "low", "high"), place (' in said
        code, said = await answer(server, begun.workflow_id, "--type", "evt.other.given", "--data", "{}")
        assert code == 1
        code, said = await answer(server, begun.workflow_id, "absent", "--type", "evt.verdict.given", "--data", "{}")
        assert code == 1
        assert "No request is called so" in said
        assert "com.verdict.ask" in said
        code, said = await answer(
            server, begun.workflow_id, "com.verdict.ask", "--type", "evt.verdict.given", "--data", json.dumps(GOOD)
        )
        assert (code, said.splitlines()[0]) == (0, "applied")
        assert (await client.result(begun.subject))["status"] == "done"


def request(id: str, type: str = "com.verdict.ask") -> PendingRequest:
    made = ArvoEvent.from_json({**start_count(goal=1).to_json(), "id": id, "type": type})
    return PendingRequest(made, verdict_contract.version("1.0.0"), "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        *(("1", ["1"]), ("10", ["10"]), ("2", ["20", "21"]), ("20", ["20"]), ("com.verdict.ask", ["1", "10"])),
        *(("", []), ("0", []), ("com.verdict", [])),
    ],
)
def test_a_request_is_called_by_its_id_the_beginning_of_that_or_its_type(wanted: str, ids: list[str]) -> None:
    requests = [request("1"), request("10"), *(request(id, "com.signature.ask") for id in ("20", "21"))]
    assert [one.event.id for one in called(requests, wanted)] == ids


async def test_an_answer_that_nothing_comes_of_is_not_waited_for_without_end(server: DevServer, serve: Serve) -> None:
    async with asked(serve) as (_, begun):
        pass
    code, said = await answer(
        server, begun.workflow_id, "--type", "evt.verdict.refused", "--data", '{"text": "no"}', "--timeout", "1s"
    )
    assert code == 3
    assert "No worker has taken its workflow task" in said


async def test_several_requests_are_listed_for_a_script(server: DevServer, serve: Serve) -> None:
    async with asked(serve, signatures=1) as (client, begun):
        code, said = await answer(server, begun.workflow_id, "--data", "{}")
        assert code == 1
        for request in await client.pending_requests(begun.subject):
            assert request.event.id in said
