"""Connection settings: Temporal's own, and clear words when they lead nowhere."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from arvo_temporal.connection import ConnectError, SettingsError, connect, load_settings, task_queue
from arvo_temporal.dev_server.ports import free_port
from arvo_temporal.dev_server.server import DevServer


def profile_file(path: Path) -> Path:
    path.write_text(
        '[profile.default]\naddress = "one:7233"\n[profile.shop]\naddress = "two:7233"\nnamespace = "shop"\n'
    )
    return path


def test_without_any_setting_it_is_the_local_default() -> None:
    settings = load_settings(environment={})
    assert (settings.address, settings.namespace) == ("localhost:7233", "default")


def test_the_environment_variables_of_temporal_are_followed() -> None:
    environment = {"TEMPORAL_ADDRESS": "there:7233", "TEMPORAL_NAMESPACE": "shop", "TEMPORAL_API_KEY": "secret"}
    settings = load_settings(environment=environment)
    assert (settings.address, settings.namespace) == ("there:7233", "shop")
    assert settings.options["api_key"] == "secret"
    assert settings.options["tls"] is True


def test_secrets_are_not_printed() -> None:
    assert "secret" not in repr(load_settings(environment={"TEMPORAL_API_KEY": "secret"}))


def test_profiles_of_temporals_file_are_followed(tmp_path: Path) -> None:
    environment = {"TEMPORAL_CONFIG_FILE": str(profile_file(tmp_path / "temporal.toml"))}
    assert load_settings(environment=environment).address == "one:7233"
    assert load_settings(environment=environment, profile="shop").namespace == "shop"
    assert load_settings(environment={**environment, "TEMPORAL_PROFILE": "shop"}).address == "two:7233"


def test_what_is_given_wins() -> None:
    settings = load_settings(
        address="mine:1", namespace="own", environment={"TEMPORAL_ADDRESS": "x:2", "TEMPORAL_NAMESPACE": "y"}
    )
    assert (settings.address, settings.namespace) == ("mine:1", "own")


def test_a_missing_file_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"TEMPORAL_CONFIG_FILE names .*nowhere\.toml"):
        load_settings(environment={"TEMPORAL_CONFIG_FILE": str(tmp_path / "nowhere.toml")})


def test_a_malformed_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[profile.default\n")
    with pytest.raises(SettingsError, match=r"unclosed table[\s\S]*broken\.toml"):
        load_settings(environment={"TEMPORAL_CONFIG_FILE": str(broken)})


def test_a_missing_profile_is_named(tmp_path: Path) -> None:
    environment = {"TEMPORAL_CONFIG_FILE": str(profile_file(tmp_path / "temporal.toml"))}
    with pytest.raises(SettingsError, match="'staging' not found"):
        load_settings(environment=environment, profile="staging")


def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"client\.pem"):
        load_settings(environment={"TEMPORAL_TLS_CLIENT_CERT_PATH": str(tmp_path / "client.pem")})


def test_the_task_queue_is_the_given_one_or_that_of_the_environment_or_that_of_the_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ARVO_TASK_QUEUE", raising=False)
    assert task_queue() == "arvo"
    assert task_queue(None, "orders") == "orders"
    monkeypatch.setenv("ARVO_TASK_QUEUE", "elsewhere")
    assert task_queue(None, "orders") == "elsewhere"
    assert task_queue("given", "orders") == "given"


async def test_it_connects_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, server: DevServer) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", server.address)
    client = await connect()
    assert client.namespace == "default"
    assert client.service_client.config.target_host == server.address


async def test_when_nobody_answers_the_error_names_the_address_and_the_cures() -> None:
    address = f"127.0.0.1:{free_port()}"
    started = time.monotonic()
    with pytest.raises(ConnectError, match=r"Connection refused.*TEMPORAL_ADDRESS.*--dev") as raised:
        await connect(address=address, within=0.5)
    assert raised.value.address == address
    assert address in str(raised.value)
    assert time.monotonic() - started < 2


async def test_a_server_that_never_answers_is_given_up() -> None:
    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    deaf = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = deaf.sockets[0].getsockname()[1]
    started = time.monotonic()
    with pytest.raises(ConnectError, match="no answer"):
        await connect(address=f"127.0.0.1:{port}", within=0.5)
    assert time.monotonic() - started < 2
    deaf.close()


async def test_a_server_that_comes_up_late_is_waited_for() -> None:
    port = free_port()

    async def start_late() -> None:
        await asyncio.sleep(0.5)
        async with DevServer(port=port, ui=False):
            await asyncio.sleep(3)

    starting = asyncio.create_task(start_late())
    assert await connect(address=f"127.0.0.1:{port}", within=5)
    await starting


async def test_an_unknown_namespace_is_named_with_the_command_that_makes_it(server: DevServer) -> None:
    with pytest.raises(ConnectError, match=r"no namespace 'shop'.*namespace create --namespace shop"):
        await connect(address=server.address, namespace="shop")


async def test_tls_where_there_is_none_is_recognised(server: DevServer) -> None:
    with pytest.raises(ConnectError, match="TLS is set"):
        await connect(address=server.address, within=0.3, tls=True)


@pytest.mark.parametrize("address", ["somewhere", "somewhere:", "http://somewhere:7233/x", "some where:7233"])
async def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="host:port"):
        await connect(address=address)
