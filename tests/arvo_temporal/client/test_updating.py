"""An update that a run has lost is sent again, and what remains is an error of ours."""

from __future__ import annotations

from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from arvo_temporal import OrchestrationNotFoundError, OrchestrationSilentError
from arvo_temporal.client import updating
from arvo_temporal.client.updating import update
from arvo_temporal.dev_server.server import DevServer

ABSENT = "arvo.orc.counter/1.0.0/absent/absent"
LOST = [
    RPCError("unexpected workflow task failure", RPCStatusCode.FAILED_PRECONDITION, b""),
    RPCError("workflow update was aborted", RPCStatusCode.UNAVAILABLE, b""),
    RPCError(
        "limit on number of concurrent in-flight updates has been reached (10)", RPCStatusCode.RESOURCE_EXHAUSTED, b""
    ),
    RPCError(
        "workflow operation can not be applied because workflow is closing", RPCStatusCode.RESOURCE_EXHAUSTED, b""
    ),
]


@pytest.fixture
async def client(server: DevServer, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(updating, "_WAITS", (0.0,) * 5)
    return await Client.connect(server.address)


class Sending:
    """Raises errors, one after the other, and then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.left = list(errors)

    async def __call__(self, update_id: str) -> str:
        if self.left:
            raise self.left.pop(0)
        return "answer"


async def test_it_is_sent_again_whatever_has_lost_it(client: Client) -> None:
    assert await update(client, ABSENT, Sending(*LOST)) == "answer"


@pytest.mark.parametrize("error", LOST, ids=str)
async def test_one_that_is_always_lost_is_an_error_of_ours(client: Client, error: RPCError) -> None:
    sending = Sending(*[error] * 9)
    with pytest.raises(OrchestrationSilentError, match=r"6 tries.*a repetition is recognised"):
        await update(client, ABSENT, sending)
    assert len(sending.left) == 3


@pytest.mark.parametrize(
    "words", ["workflow execution already completed", "workflow update was aborted by closing workflow"]
)
async def test_one_to_a_run_that_has_a_successor_is_sent_again_and_others_are_not_found(
    client: Client, words: str
) -> None:
    closed = RPCError(words, RPCStatusCode.NOT_FOUND, b"")
    identity = f"arvo.orc.nobody/1.0.0/running/{uuid4()}"
    handle = await client.start_workflow("arvo.orc.nobody", id=identity, task_queue="nobody")
    assert await update(client, handle.id, Sending(closed, closed)) == "answer"
    await handle.terminate()
    for workflow_id in (handle.id, ABSENT):
        sending = Sending(closed, closed)
        with pytest.raises(OrchestrationNotFoundError):
            await update(client, workflow_id, sending)
        assert len(sending.left) == 1, "it is sent once"


async def test_other_errors_are_raised_at_once(client: Client) -> None:
    sending = Sending(*[RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b"")] * 2)
    with pytest.raises(RPCError, match="connection refused"):
        await update(client, ABSENT, sending)
    assert len(sending.left) == 1
