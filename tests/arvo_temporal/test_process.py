"""How a command ends: signals, errors, exit codes."""

from __future__ import annotations

import signal
import sys
import textwrap

import pytest

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


async def test_any_other_error_is_shown_in_full() -> None:
    code, output = await run(*command("async def main(stop): raise KeyError('surprise')"))
    assert code == 1
    assert "Traceback" in output
    assert "KeyError: 'surprise'" in output


async def test_what_was_printed_arrives_though_the_process_ends_abruptly() -> None:
    body = "async def main(stop):\n    for number in range(20_000): print(number)\n    return 7"
    code, output = await run(*command(body))
    assert (code, output.split()[-1]) == (7, "19999")
