"""What a shell completes."""

from __future__ import annotations

import pytest

from arvo_temporal import workflow_id
from arvo_temporal.dev_server.server import DevServer
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.conftest import Serve
from tests.polling import eventually
from tests.stages import begin, stages_app


async def completed(*words: str, **environment: str) -> list[str]:
    """Return what the shell offers for the last word."""
    asked = {
        "_ARVO_TEMPORAL_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["arvo-temporal", *words]),
        "COMP_CWORD": str(len(words)),
        "ARVO_COMPLETION_SECONDS": "50",
    }
    _, said = await run(*ARVO_TEMPORAL, environment={**asked, **environment})
    return said.split()


async def test_commands_and_options_are_completed() -> None:
    assert await completed("answ") == ["answer"]
    assert "--timeout" in await completed("wait", "x", "--ti")


async def test_the_orchestrators_of_the_app_are_completed() -> None:
    assert await completed("start", "tests.apps:app", "co") == ["counter"]
    assert await completed("start", "tests.apps:app", "arvo.orc.") == ["arvo.orc.counter"]
    assert await completed("start", "no.such:app", "") == []
    assert await completed("start", "tests.apps:app", "co", ARVO_COMPLETION_SECONDS="0.001") == []


async def test_orchestrations_are_completed_as_far_as_there_is_a_server(server: DevServer, serve: Serve) -> None:
    init = begin()
    identity = workflow_id(init.subject)
    async with serve(stages_app()) as client:
        await client.deliver(init)
        await eventually(lambda: client.suggest(identity[:-5]), bool)
    assert await completed("record", identity[:-5], TEMPORAL_ADDRESS=server.address) == [identity]
    assert await completed("record", "arvo.orc.'x", TEMPORAL_ADDRESS=server.address) == []
    assert await completed("record", "arvo", TEMPORAL_ADDRESS="127.0.0.1:1") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
async def test_the_script_of_a_shell_is_shown(shell: str) -> None:
    code, said = await run(
        *ARVO_TEMPORAL, "--show-completion", shell, environment={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    )
    assert code == 0
    assert "_ARVO_TEMPORAL_COMPLETE" in said
