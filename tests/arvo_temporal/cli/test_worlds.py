"""Each command about encrypted orchestrations, with their app and without its codec, and without search attributes."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import pytest

from arvo_temporal.dev_server.server import DevServer
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run, running
from tests.arvo_temporal.cli.names import untried
from tests.arvo_temporal.cli.worlds import World, inhabited, words


class Ends(NamedTuple):
    """How a command is to end: its exit code, and what it shows; what is refused is one line."""

    code: int
    shows: str


GIVE_THE_APP = "Give the app whose codec has made it"
WITHOUT_CODEC = Ends(1, f"{GIVE_THE_APP}: --app MODULE:APP")
"""It has to read what is encrypted: one line says what to give."""
SETUP = Ends(1, "arvo-temporal setup")
"""It takes search attributes: one line says how to have them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A command line, and how it is to end in each world.

    Attributes:
        line: What follows `arvo-temporal`; names in braces are those of `words`.
        shows: What it shows.
        code: Its exit code.
        bare: How it ends without search attributes; as elsewhere by default.
        codeless: How it ends about encrypted orchestrations with an app that has no codec; None where it is left out,
            as it does the same.
    """

    line: str
    shows: str
    code: int = 0
    bare: Ends | None = None
    codeless: Ends | None = WITHOUT_CODEC


def plain(line: str, shows: str, code: int = 0, bare: Ends | None = None) -> Row:
    """Return the row of a command that reads nothing encrypted."""
    return Row(line, shows, code, bare, codeless=Ends(code, shows))


TABLE = (
    plain("list", "refused", bare=Ends(0, "unknown")),
    plain("list --stuck", "refused", bare=SETUP),
    plain("list --state counting", "quiet", bare=SETUP),
    plain("list --key quiet --orchestrator arvo.orc.counter --version 1.0.0 --json", '"key": "quiet"'),
    Row("show counter/refused --app {app}", "arvo-temporal redrive counter/refused"),
    Row("show errand/later --app {app} --json", '"TimeoutError: the courier is away"'),
    Row("watch counter/done --app {app}", "completed in over"),
    Row("history counter/refused --app {app}", "in counting"),
    Row("diagram {app} --at counter/quiet", "● counting"),
    plain("diagram {app} arvo.orc.counter", "○ counting"),
    Row("explain counter/quiet evt.tally.counted --app {app}", "accepted:"),
    plain("start {app} counter --key quiet --data {goal}", "found"),
    Row("start {app} counter --key new --data {goal}", "started", codeless=None),
    Row("send counter/sent --type evt.tally.counted --data {by} --wait --app {app}", "applied"),
    Row("answer approval/answered --type evt.verdict.given --data {verdict} --app {app}", "applied"),
    Row("wait counter/done --app {app}", "done"),
    Row("wait counter/quiet --for state:counting --app {app}", "counting"),
    plain("event {app} counter --key 7 --data {goal}", '"arvo.orc.counter"'),
    plain("subject encode --orchestrator arvo.orc.counter --version 1.0.0 --key 7", "eJ"),
    Row("subject decode {subject}", '"arvo.orc.counter"', codeless=None),
    Row("record counter/quiet --app {app}", '"arvo.orc.counter"'),
    Row("ledger counter/refused --app {app}", '"refused"'),
    Row("violations counter/refused --app {app}", '"refused"'),
    Row("redrive counter/refused --app {app}", "refused", code=1),
    Row("redrive --trouble refused --app {app}", "send evt.tally.counted again", 2, SETUP, Ends(2, GIVE_THE_APP)),
    Row(
        "redrive --orchestrator arvo.orc.counter --limit 2 --app {app}",
        "2 found. These are the newest of",
        code=2,
        codeless=Ends(2, GIVE_THE_APP),
    ),
    Row("retry errand/failed --app {app}", "sent again"),
    Row("retry --orchestrator arvo.orc.errand --yes --app {app}", ", 0 not.", codeless=Ends(1, GIVE_THE_APP)),
    plain("nudge errand/later --app {app}", "it is tried now"),
    plain("nudge --orchestrator arvo.orc.errand --yes --app {app}", ", 0 not."),
    Row("resolve errand/resolved --as evt.courier.ask.success --data {text} --app {app}", "applied"),
    Row("dismiss counter/dismissed --app {app}", "dismissed"),
    Row(
        "dismiss --query \"WorkflowId STARTS_WITH 'arvo.orc.counter/1.0.0/many'\" --yes --app {app}",
        "2 well, 0 not.",
        codeless=Ends(1, GIVE_THE_APP),
    ),
    plain("cost {app}", "arvo.orc.errand/1.0.0"),
    plain("cost {app} --at counter/quiet", "history events in 1 run"),
    plain("check {app}", "0 errors"),
    Row("check-deploy {app}", " 0 would not go on.", codeless=Ends(1, "cannot be read")),
    Row("replay {app} {history}", "1 checked, 1 fine", codeless=Ends(1, "cannot be read")),
    Row("simulate {app}:counter --input {goal}", "counting", codeless=None),
    Row("health {app}", "Served by", codeless=None),
    Row("setup --namespace shop", "registered ArvoOrchestrator", codeless=None),
    Row("schedule create {app} counter --every 1h --id made --data {goal}", "created", codeless=None),
    Row("schedule list --app {app}", "arvo.orc.counter 1.0.0", codeless=Ends(0, "encoded: give the app, --app")),
    Row("schedule describe hourly --app {app}", '"goal": 9', codeless=Ends(0, "encoded: give the app, --app")),
    plain("schedule pause hourly", "paused"),
    plain("schedule unpause hourly", "unpaused"),
    plain("schedule trigger hourly", "triggered"),
    plain("schedule backfill hourly --start-time 2026-01-01T00:00:00Z --end-time 2026-01-01T02:00:00Z", "backfilled"),
    Row("schedule delete doomed", "deleted", codeless=None),
)


@pytest.fixture(scope="module")
async def encrypted(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with DevServer(ui=False) as server, inhabited(server, "encrypted", tmp_path_factory.mktemp("e")) as world:
        yield world


@pytest.fixture(scope="module")
async def bare(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with (
        DevServer(ui=False, for_orchestrations=False) as server,
        inhabited(server, "app", tmp_path_factory.mktemp("b")) as world,
    ):
        yield world


async def ends(world: World, line: str, expected: Ends) -> None:
    """Run a command in a world, and compare how it ends."""
    arguments = shlex.split(line.format(**words(world)))
    code, said = await run(*ARVO_TEMPORAL, *arguments, environment={"TEMPORAL_ADDRESS": world.server.address})
    assert (code, expected.shows in said, "Traceback" in said) == (expected.code, True, False), said
    if expected in (WITHOUT_CODEC, SETUP):
        assert len(said.splitlines()) == 1, said


@pytest.mark.parametrize("row", [row for row in TABLE if row.codeless], ids=lambda row: row.line)
async def test_about_what_is_encrypted_without_the_codec(encrypted: World, row: Row) -> None:
    assert row.codeless is not None  # it changes nothing, and so comes before those that do
    await ends(replace(encrypted, app="tests.town:app"), row.line, row.codeless)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.line)
async def test_about_what_is_encrypted(encrypted: World, row: Row) -> None:
    await ends(encrypted, row.line, Ends(row.code, row.shows))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.line)
async def test_without_search_attributes(bare: World, row: Row) -> None:
    await ends(bare, row.line, row.bare or Ends(row.code, row.shows))


async def test_a_codec_server_serves_a_codec(encrypted: World, bare: World) -> None:
    async with running(*ARVO_TEMPORAL, "codec-server", encrypted.app, "--port", "0") as command:
        await command.until("http://127.0.0.1:")
        command.press_ctrl_c()
        assert await command.end() == 0, command.output
    await ends(bare, "codec-server {app}", Ends(1, "codec"))


async def test_a_developer_serves_an_encrypted_app() -> None:
    async with running(*ARVO_TEMPORAL, "dev", "tests.town:encrypted") as command:
        await command.until("arvo.orc.counter")
        command.press_ctrl_c()
        assert await command.end() == 0, command.output


def test_each_command_has_a_row() -> None:
    assert untried(row.line for row in TABLE) == [], "each command is tried in each world: add a row to TABLE"
