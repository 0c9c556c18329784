"""How a command ends: signals, errors, exit codes."""

from __future__ import annotations

import signal
import sys
import textwrap

import pytest

from arvo_temporal import DevServer
from tests.arvo_temporal.cli.commands import run, running

BODY = """
    import asyncio, sys
    from arvo import ArvoError
    from arvo_temporal import run_command

    {body}

    run_command(main)
"""


def command(body: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(BODY).replace("{body}", textwrap.dedent(body)))


STOPPABLE = """
async def main(stop):
    print("up", flush=True)
    await stop.wait()
    print("down")
    return 0
"""

STUBBORN = """
async def main(stop):
    print("up", flush=True)
    await stop.wait()
    print("asked", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        print("cleaned up")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_asks_it_to_stop_and_it_ends_well(number: signal.Signals) -> None:
    async with running(*command(STOPPABLE)) as process:
        await process.until("up")
        process.process.send_signal(number)
        assert await process.end() == 0
        assert "down" in process.output


async def test_a_second_signal_ends_it_by_force_but_not_without_cleaning_up() -> None:
    async with running(*command(STUBBORN)) as process:
        await process.until("up")
        process.press_ctrl_c()
        await process.until("asked")
        process.press_ctrl_c()
        assert await process.end() == 130
        assert "cleaned up" in process.output


async def test_an_error_of_ours_is_one_message_and_exit_code_1() -> None:
    code, output = await run(*command("async def main(stop): raise ArvoError('there is no such thing')"))
    assert (code, output) == (1, "Error: there is no such thing\n")


async def test_a_server_that_does_not_answer_is_one_line() -> None:
    body = """
    from temporalio.service import RPCError, RPCStatusCode
    async def main(stop): raise RPCError("Timeout expired", RPCStatusCode.CANCELLED, b"")
    """
    code, output = await run(*command(body))
    assert (code, len(output.splitlines())) == (1, 1)
    assert output.startswith("Error: Temporal's server has not done what was asked of it: Timeout expired. See that")


async def test_any_other_error_is_shown_in_full() -> None:
    code, output = await run(*command("async def main(stop): raise KeyError('surprise')"))
    assert code == 1
    assert "Traceback" in output
    assert "KeyError: 'surprise'" in output


async def test_what_was_printed_arrives_though_the_process_ends_abruptly() -> None:
    body = "async def main(stop):\n    for number in range(20_000): print(number)\n    return 7"
    code, output = await run(*command(body))
    assert (code, output.split()[-1]) == (7, "19999")


SCRIPT = """
    import asyncio, atexit, os, sys
    from arvo import ArvoError
    from arvo_temporal import run

    {body}

    run({main})
    print("never")
"""

ENDINGS = {
    "async def main(): print('done')": (0, "done\n"),
    "async def main(): return {'state': 1}": (0, ""),
    "async def main(): return True": (0, ""),
    "async def main(): return 7": (7, ""),
    "async def main(): sys.exit(3)": (3, ""),
    "async def main(): sys.exit()": (0, ""),
    "async def main(): sys.exit('no such order')": (1, "no such order\n"),
    "async def main(): raise ArvoError('there is no such thing')": (1, "Error: there is no such thing\n"),
    "async def main(): os.kill(os.getpid(), 2); await asyncio.sleep(60)": (130, ""),
    "atexit.register(print, 'sent')\nasync def main(): print('done')": (0, "done\nsent\n"),
}


def script(body: str, main: str = "main") -> tuple[str, ...]:
    program = textwrap.dedent(SCRIPT).replace("{main}", main)
    return (sys.executable, "-c", program.replace("{body}", textwrap.dedent(body)))


@pytest.mark.parametrize("body", ENDINGS)
async def test_a_script_ends_with_its_own_exit_code(body: str) -> None:
    assert await run(*script(body)) == ENDINGS[body]


async def test_a_script_may_give_its_coroutine_as_to_asyncio() -> None:
    assert await run(*script("async def main(): print('done')", main="main()")) == (0, "done\n")


async def test_an_error_of_a_script_is_shown_in_full() -> None:
    code, output = await run(*script("async def main(): raise KeyError('surprise')"))
    assert code == 1
    assert "Traceback" in output
    assert output.endswith("KeyError: 'surprise'\n")


ENDED = """
    import asyncio, os
    from collections import Counter
    from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
    from arvo_temporal import connect, run

    async def main():
        service = (await connect()).workflow_service
        await service.get_system_info(GetSystemInfoRequest())
        {more}
        print("done")
        return 7

    ends = Counter()
    for _ in range(200):
        if (process := os.fork()) == 0:
            run(main)
        ends[os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])] += 1
    print(dict(ends))
"""

UNDER_WAY = """
        calls = [asyncio.create_task(service.get_system_info(GetSystemInfoRequest())) for _ in range(20)]
        await asyncio.sleep(0.002)
"""


@pytest.mark.parametrize("more", ["", UNDER_WAY], ids=["quiet", "with calls under way"])
async def test_two_hundred_scripts_that_have_used_a_client_end_well(server: DevServer, more: str) -> None:
    """Each is a fork of a process that has imported everything and used nothing: the import is what takes long."""
    program = textwrap.dedent(ENDED.replace("        {more}\n", more))
    code, output = await run(sys.executable, "-c", program, environment={"TEMPORAL_ADDRESS": server.address})
    assert (code, output) == (0, "done\n" * 200 + "{7: 200}\n")
