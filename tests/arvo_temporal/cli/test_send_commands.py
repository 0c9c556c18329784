"""`arvo-temporal start`, `send`, `event` and `wait`, as processes: piped, in a file, at 80 columns and as JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from arvo_temporal import ArvoClient, Fate, workflow_id
from arvo_temporal.cli.sending import completion_of
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, answer, running
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import counter_app
from tests.stages import begin, stages_app

NEXT = "evt.tally.counted"

Shell = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def shell(server: DevServer) -> Shell:
    """Return what runs a command and returns its exit code and what it prints on both streams."""

    async def run(*arguments: str, input: str = "", **environment: str) -> tuple[int, str, str]:
        there = {"TEMPORAL_ADDRESS": server.address, **environment}
        return await answer(*arguments, input=input, environment=there)

    return run


@asynccontextmanager
async def counting(serve: Serve) -> AsyncIterator[tuple[ArvoClient, tuple[str, ...]]]:
    """Serve the counter, and return the options that lead commands to it."""
    app = counter_app()
    async with serve(app) as client:
        yield client, ("--task-queue", app.task_queue)


async def test_an_orchestration_is_started_once_for_each_key(serve: Serve, shell: Shell) -> None:
    key = uuid4().hex
    start = ("start", "tests.apps:app", "counter", "--key", key, "--data", '{"goal": 1}')
    async with counting(serve) as (client, queue):
        code, out, err = await shell(*start, *queue)
        assert (code, err) == (0, "")
        first, subject = out.splitlines()
        assert first.split() == ["started", workflow_id(subject)]
        code, out, err = await shell(*start, *queue, "--wait", "--timeout", "1s", "--json")
        assert (code, json.loads(out)) == (
            3,
            {"started": False, "workflow_id": workflow_id(subject), "subject": subject},
        )
        assert "has not come within" in err
        code, out, _ = await shell(*start, *queue, "--json", COLUMNS="80")
        assert code == 0
        assert json.loads(out) == {"started": False, "workflow_id": workflow_id(subject), "subject": subject}
        await client.send(subject, NEXT, {"by": 2})
        code, out, _ = await shell(*start, *queue, "--wait", "--json")
        assert (code, json.loads(out)["completion"]) == (0, {"total": 2, "seen": [2]})
        code, out, _ = await shell(*start, *queue, "--wait")
        found, _, completion = out.split("\n", 2)
        assert (code, found.split()[0], json.loads(completion)) == (0, "found", {"total": 2, "seen": [2]})


def test_what_an_orchestration_comes_to_is_the_data_of_its_own_completion() -> None:
    produced = [
        {"type": "arvo.orc.counter.done", "data": {"total": 1}},
        {"type": "evt.parcel.done", "data": {"parcel": 7}},
    ]
    record: Any = {"subject": start_count(goal=1).subject, "events": {"produced": produced}}
    assert completion_of(record) == {"total": 1}
    produced.pop(0)
    assert completion_of(record) is record


async def test_a_timeout_without_a_wait_is_wrong_usage(shell: Shell) -> None:
    code, out, err = await shell("start", "tests.apps:app", "counter", "--timeout", "5m", COLUMNS="200")
    assert (code, out) == (2, "")
    assert "--timeout goes with --wait" in err


async def test_data_that_does_not_fit_says_what_is_expected(shell: Shell) -> None:
    for data in ((), ("--data", '{"goal": "x"}')):
        code, out, err = await shell("start", "tests.apps:app", "arvo.orc.counter/1.0.0", *data)
        assert (code, out) == (1, "")
        assert err.startswith("Error: Event 'arvo.orc.counter': The data does not fit its schema: goal: ")
        assert err.endswith("\nExpected: goal (integer)\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("tests.apps:app", "order"), "There is no orchestrator of type 'order' to start"),
        (("tests.apps:app", "counter/9.0.0"), "It has 1.0.0."),
        (("tests.apps:app", "counter/"), "It has 1.0.0."),
        (("tests.apps:app", "counter", "--data", '{"goal": 1}', "--source", ""), "source='' has to be a name"),
        (("tests.apps:app", "counter", "--data", "{"), "--data cannot be read from '{': it is not JSON"),
        (("tests.apps:app", "counter", "--data", "@absent"), "--data cannot be read from '@absent'"),
    ],
)
async def test_what_cannot_be_started_is_one_line(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = await shell("start", *arguments)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert words in err


async def test_all_but_type_and_data_follows_from_the_app(serve: Serve, shell: Shell, tmp_path: Path) -> None:
    send = ("send", "--type", NEXT, "--app", "tests.apps:app")
    data = tmp_path / "data.json"
    data.write_text('[{"by": 1},\n {"by": 2}]')
    async with counting(serve) as (client, _):
        begun = await client.start("counter", {"goal": 100})
        code, out, _ = await shell(*send, begun.workflow_id, "--data", '{"by": 4}', "--wait")
        assert (code, out) == (0, "applied\n")
        code, out, err = await shell(*send, begun.subject, "--data", f"@{data}")
        assert (code, out) == (0, f"delivered  {begun.workflow_id}\n" * 2)
        assert err == "2 taken, 0 not.\n"
        code, out, err = await shell(*send, begun.workflow_id, "--data", "-", input='{"by": 8}\n\n{"b": 9}\n')
        assert (code, out) == (1, f"delivered  {begun.workflow_id}\n")
        assert await shell(*send, begun.workflow_id, "--data", "-5") == (
            1,
            "",
            "Error: line 1: Event 'evt.tally.counted': The data does not fit its schema: (the whole value): Input "
            "should be an object.\nExpected: by (integer)\n",
        )
        assert "Error: line 3: Event 'evt.tally.counted': The data does not fit its schema: by: Field required" in err
        assert "Expected: by (integer)\n" in err
        code, out, err = await shell("send", "--type", "evt.x.y", "--app", "tests.apps:app", begun.workflow_id)
        assert (code, out) == (1, "")
        assert "It takes evt.tally.counted" in err
        assert (await client.ledger(begun.subject)).counts == {Fate.APPLIED: 5}


async def test_whole_events_are_sent_in_their_order(serve: Serve, shell: Shell) -> None:
    inits = [start_count(goal=6) for _ in range(5)]
    events = [event for init in inits for event in (init, *(counted(init.subject, by=by) for by in (1, 2, 3)))]
    lines = [event.to_json_text() for event in events]
    lines.insert(3, '{"type": "no event"}')
    async with counting(serve) as (client, queue):
        code, out, err = await shell("send", "-", "--json", *queue, input="\n".join(lines))
        told = [json.loads(line) for line in out.splitlines()]
        assert (code, err) == (1, "")
        assert sorted(one["line"] for one in told) == list(range(1, 22))
        [refused] = [one for one in told if one["status"] == "refused"]
        assert refused["line"] == 4
        sent = [one for one in told if one is not refused]
        assert [one["id"] for one in sent] == [event.id for event in events]
        assert {one["status"] for one in sent} == {"started", "delivered"}
        for init in inits:
            record = await client.result(init.subject)
            assert record["state"]["output"] == {"total": 6, "seen": [1, 2, 3]}


async def test_what_comes_of_each_is_waited_for(serve: Serve, shell: Shell) -> None:
    init = start_count(goal=3)
    events = [init, counted(init.subject, by=1), counted(init.subject, by=2)]
    array = json.dumps([event.to_json() for event in events], indent=1)
    async with counting(serve) as (_, queue):
        code, out, _ = await shell("send", "-", "--json", "--wait", *queue, input=array)
        told = [json.loads(line) for line in out.splitlines()]
        assert (code, [one["status"] for one in told]) == (0, ["applied"] * 3)
        assert [one["type"] for one in told[2]["events"]] == ["arvo.orc.counter.done"]
        code, out, _ = await shell("send", "-", "--json", "--wait", input=events[1].to_json_text())
        assert (code, json.loads(out)["status"]) == (1, "refused")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("x", "--data", "{}"), "--data goes with --type"),
        (("x", "--type", "evt.x.y"), "--type needs the app"),
        (("x", "--timeout", "5m"), "--timeout goes with --wait"),
    ],
)
async def test_options_that_do_not_go_together_are_wrong_usage(
    shell: Shell, arguments: tuple[str, ...], words: str
) -> None:
    code, out, err = await shell("send", *arguments, COLUMNS="200")
    assert (code, out) == (2, "")
    assert words in err


@pytest.mark.parametrize("text", ["", "\n", "not json", "[1,", "{\n\n"])
async def test_what_begins_with_no_json_is_not_sent(shell: Shell, text: str) -> None:
    code, out, err = await shell("send", "-", input=text)
    assert (code, out) == (1, "")
    assert err.startswith("Error: The event cannot be read from standard input: line ")


@pytest.mark.parametrize("data", ["@absent", "@-", "@."])
async def test_data_that_cannot_be_read_says_how_to_give_it(serve: Serve, shell: Shell, data: str) -> None:
    async with counting(serve) as (client, _):
        begun = await client.start("counter", {"goal": 1})
        send = ("send", "--type", NEXT, "--app", "tests.apps:app", begun.workflow_id, "--data", data)
        code, out, err = await shell(*send, input="{")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("Error: --data cannot be read from ")
    assert "event" not in err


@pytest.mark.parametrize(
    "arguments",
    ["send -", "start tests.apps:app counter --data -", "event tests.apps:app counter --data -", "subject decode -"],
)
async def test_a_standard_input_that_is_closed_is_one_line(server: DevServer, arguments: str) -> None:
    closed = ("sh", "-c", f"exec {ARVO_TEMPORAL[0]} {arguments} <&-")
    async with running(*closed, environment={"TEMPORAL_ADDRESS": server.address}) as command:
        assert await command.end() == 1
    assert command.output.startswith("Error: ")
    assert command.output.count("\n") == 1
    assert "it is closed" in command.output


async def test_what_cannot_be_an_event_says_what_can(shell: Shell) -> None:
    subject = start_count(goal=1).subject
    code, out, err = await shell("event", "tests.apps:app", NEXT, "--data", '{"by": 1}')
    assert (code, out) == (1, "")
    assert "An answer of a service takes --subject" in err
    code, out, err = await shell("event", "tests.apps:app", NEXT, "--subject", subject, "--data", '{"by": "x"}')
    assert (code, out) == (1, "")
    assert err.endswith("\nExpected: by (integer)\n")
    code, out, err = await shell("event", "tests.apps:app", "counter", "--data", '{"goal": "x"}')
    assert (code, out) == (1, "")
    assert err.endswith("\nExpected: goal (integer)\n")


async def test_words_of_others_are_printed_as_they_are(shell: Shell) -> None:
    code, out, err = await shell("send", "-", input=json.dumps({"type": "\x1b[31m[bold]red\u202e", "id": "\x07"}))
    assert (code, out) == (1, "")
    assert not set("\x1b\x07\u202e") & set(err)
    code, out, err = await shell("wait", "order/\x1b[2J")
    assert code == 1
    assert "\x1b" not in err


async def test_an_event_that_is_printed_can_be_sent(serve: Serve, shell: Shell) -> None:
    key = uuid4().hex
    async with counting(serve) as (client, queue):
        code, init, _ = await shell("event", "tests.apps:app", "counter", "--key", key, "--data", '{"goal": 1}')
        assert code == 0
        subject = json.loads(init)["subject"]
        code, out, _ = await shell("send", "-", *queue, input=init)
        assert (code, out) == (0, f"started  {workflow_id(subject)}\n")
        code, answer, _ = await shell("event", "tests.apps:app", NEXT, "--subject", subject, "--data", '{"by": 1}')
        assert code == 0
        code, out, _ = await shell("send", "-", "--wait", input=answer)
        assert (code, out.splitlines()[0]) == (0, "applied")
        assert (await client.result(subject))["status"] == "done"


async def test_a_place_is_waited_for(serve: Serve, shell: Shell) -> None:
    init = begin()
    identity = workflow_id(init.subject)
    async with serve(stages_app()) as client:
        await client.execute(init)
        assert await shell("wait", identity, "--for", "state:first") == (0, f"active  {identity}  first\n", "")
        code, out, err = await shell("wait", identity, "--for", "tag:busy", "--timeout", "1s", "--json")
        assert (code, out) == (3, "")
        assert "It waits for an event or for a delay" in err
        code, out, err = await shell("wait", identity, "--for", "tag:none")
        assert (code, out) == (1, "")
        await client.send(init.subject, NEXT, {"by": 1})
        state = 'state:{"second": {"left": "one"}}'
        code, out, _ = await shell("wait", identity, "--for", state, "--json")
        assert code == 0
        assert json.loads(out)["value"] == {"second": {"left": "one", "right": "only"}}
        await client.send(init.subject, "evt.tally.failed", {"by": 1})
        await client.send(init.subject, NEXT, {"by": 1})
        assert await shell("wait", identity) == (0, f"done  {identity}  kept\n", "")
        code, out, err = await shell("wait", identity, "--for", "state:dropped")
        assert (code, out) == (1, "")
        assert "has completed without getting to the state 'dropped'" in err


@pytest.mark.parametrize("target", ["", "finished", "state", "state:", "tag:", "state:{", "done:x"])
async def test_what_can_be_waited_for_is_said(shell: Shell, target: str) -> None:
    code, out, _ = await shell("wait", "arvo.orc.counter/42", "--for", target)
    assert (code, out) == (2, "")


async def test_ctrl_c_ends_a_wait_at_once(server: DevServer, serve: Serve) -> None:
    init = begin()
    environment = {"TEMPORAL_ADDRESS": server.address}
    async with serve(stages_app()) as client:
        await client.execute(init)
        arguments = (*ARVO_TEMPORAL, "wait", workflow_id(init.subject), "--for", "tag:busy")
        async with running(*arguments, environment=environment) as command:

            async def somebody_waits() -> list[Any]:
                history = client.client.get_workflow_handle(workflow_id(init.subject)).fetch_history_events()
                return [one async for one in history if one.HasField("timer_started_event_attributes")]

            await eventually(somebody_waits, bool)
            command.press_ctrl_c()
            assert (await command.end(), command.output) == (130, "")
