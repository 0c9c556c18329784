"""Connecting: it leads to where the settings say, and clear words come where it leads nowhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.converter import DataConverter

from arvo_temporal.connection import ConnectError, SettingsError, connect, load_settings
from arvo_temporal.dev_server.ports import LOOPBACK, free_port
from arvo_temporal.dev_server.server import DevServer
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.refusing import refusing


async def test_it_connects_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, server: DevServer) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", server.address)
    client = await connect()
    assert client.namespace == "default"
    assert client.service_client.config.target_host == server.address


async def test_when_nobody_answers_the_error_names_the_address_and_the_cures() -> None:
    address = f"{LOOPBACK}:{free_port()}"
    with pytest.raises(ConnectError, match=r"2 seconds: Connection refused.*TEMPORAL_ADDRESS.*--dev") as raised:
        await connect(address=address, within=2)
    assert raised.value.address == address
    assert address in str(raised.value)


async def test_a_server_that_never_answers_is_given_up() -> None:
    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    deaf = await asyncio.start_server(say_nothing, LOOPBACK, 0)
    port = deaf.sockets[0].getsockname()[1]
    with pytest.raises(ConnectError, match=r"0\.5 seconds: no answer"):
        await connect(address=f"{LOOPBACK}:{port}", within=0.5)
    deaf.close()


async def test_a_server_that_comes_up_late_is_waited_for() -> None:
    port = free_port()
    connecting = asyncio.create_task(connect(address=f"{LOOPBACK}:{port}", within=60))
    _, waits = await asyncio.wait([connecting], timeout=0.5)
    assert waits
    async with DevServer(port=port, ui=False):
        assert await connecting


async def test_a_server_that_refuses_the_credentials_is_asked_once() -> None:
    async with refusing(status=16) as address:
        with pytest.raises(ConnectError, match=r"refuses the connection.*TEMPORAL_API_KEY"):
            await connect(address=address, within=60, api_key="wrong", tls=False)


async def test_an_unknown_namespace_is_named_with_the_command_that_makes_it(server: DevServer) -> None:
    with pytest.raises(ConnectError, match=r"no namespace 'shop'.*arvo-temporal setup --namespace shop"):
        await connect(address=server.address, namespace="shop")


async def test_a_namespace_with_odd_characters_is_one_word_of_that_command(server: DevServer) -> None:
    with pytest.raises(ConnectError, match=r"no namespace 'no\\nsuch shop'.* --namespace 'no\\nsuch shop'  or"):
        await connect(address=server.address, namespace="no\nsuch shop")


async def test_tls_where_there_is_none_is_recognised(server: DevServer) -> None:
    with pytest.raises(ConnectError, match="TLS is set"):
        await connect(address=server.address, within=60, tls=True)


@pytest.mark.parametrize(
    "address",
    [
        *("somewhere", "somewhere:", "some where:7233", "a@somewhere:7233", "somewhere:99999", "::1:7233"),
        *("http://somewhere:7233/x", "https://somewhere:7233", "some\nwhere:7233"),
    ],
)
async def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="host:port") as raised:
        await connect(address=address)
    assert "\n" not in str(raised.value)


def warnings_of_ours(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("arvo_temporal.connection")]


async def test_a_remote_codec_that_is_not_used_is_told(
    server: DevServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.default.codec]\nendpoint = "http://localhost:8888"\n')
    for environment in ({"TEMPORAL_CODEC_ENDPOINT": "http://localhost:8888"}, {"TEMPORAL_CONFIG_FILE": str(file)}):
        caplog.clear()
        settings = load_settings(environment=environment)
        await connect(settings, address=server.address)
        (told,) = warnings_of_ours(caplog)
        assert "ArvoApp(codec=...)" in told
        encrypted = replace(DataConverter.default, payload_codec=AesGcmCodec(keys_from(new_key())))
        await connect(settings, address=server.address, data_converter=encrypted)
        assert len(warnings_of_ours(caplog)) == 1


async def test_an_api_key_that_everybody_can_read_is_told(caplog: pytest.LogCaptureFixture) -> None:
    settings = load_settings(environment={"TEMPORAL_TLS": "false", "TEMPORAL_API_KEY": "secret"})
    for address, told in (("no-such-host.invalid:7233", 1), (f"{LOOPBACK}:{free_port()}", 0)):
        caplog.clear()
        with pytest.raises(ConnectError):
            await connect(settings, address=address, within=0.3)
        messages = warnings_of_ours(caplog)
        assert len(messages) == told
        assert all("without TLS (TEMPORAL_TLS=false)" in message for message in messages)
        assert "secret" not in caplog.text
