"""TLS before a real terminator: it works where all is right, and one clear message comes where something is wrong."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import pytest

from arvo_temporal.connection import ConnectError, Settings, connect, load_settings
from arvo_temporal.dev_server.ports import LOOPBACK, free_port
from arvo_temporal.dev_server.server import DevServer
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run
from tests.certificates import EXPIRED, HERE, Identity
from tests.terminator import CA, FOREIGN, SERVERS, Terminator, terminating

NEVER = 3600
"""Seconds. A test that is given so many fails by its own timeout where something is tried again that cannot help."""
_OF_THE_SDK = ("tonic", "Status {", "Custom", "get_system_info", "hyper", "{ kind")

CLIENT = CA.issue("client")


@pytest.fixture(scope="session")
async def terminator(server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Terminator]:
    async with terminating(server.address, tmp_path_factory.mktemp("haproxy")) as running:
        yield running


def file(folder: Path, name: str, content: str) -> str:
    (folder / name).write_text(content)
    return str(folder / name)


def trusting(folder: Path, ca: Identity = CA, client: Identity | None = None, **more: str) -> Settings:
    """Return the settings that files and variables give, as a user would set them."""
    environment = {"TEMPORAL_TLS_SERVER_CA_CERT_PATH": file(folder, "ca.pem", ca.cert_pem), **more}
    if client is not None:
        environment["TEMPORAL_TLS_CLIENT_CERT_PATH"] = file(folder, "client.pem", client.cert_pem)
        environment["TEMPORAL_TLS_CLIENT_KEY_PATH"] = file(folder, "client.key", client.key_pem)
    return load_settings(environment=environment)


async def refusal(address: str, settings: Settings, within: float = NEVER) -> str:
    """Return why a connection fails, which is one line that has nothing of the SDK's insides."""
    with pytest.raises(ConnectError) as raised:
        await connect(settings, address=address, within=within)
    message = str(raised.value)
    assert raised.value.address == address
    assert address in message
    assert "\n" not in message
    assert not [word for word in _OF_THE_SDK if word in message]
    return message


async def refusal_after_tries(address: str, settings: Settings) -> str:
    """Return why a connection fails that is tried again: a busy machine takes its time to find the reason."""
    within = 0.5
    while "no answer" in (message := await refusal(address, settings, within)) and within < NEVER:
        within *= 4
    assert f"tried for {within:g} seconds: " in message
    return message


@asynccontextmanager
async def listening(reply: bytes, secure: ssl.SSLContext | None = None, at_once: bool = False) -> AsyncIterator[str]:
    """Run a server that says one thing, whatever it is asked, and closes."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not at_once:
                await reader.read(64)
            writer.write(reply)
            await writer.drain()
        except (ConnectionError, ssl.SSLError):
            pass
        writer.close()

    async with await asyncio.start_server(say, LOOPBACK, 0, ssl=secure) as running:
        yield f"localhost:{running.sockets[0].getsockname()[1]}"


def server_context(folder: Path, *protocols: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file(folder, "server.pem", SERVERS["tls"].cert_pem + SERVERS["tls"].key_pem))
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


async def test_it_connects_by_tls(terminator: Terminator, tmp_path: Path) -> None:
    assert await connect(trusting(tmp_path), address=terminator.door("tls"))
    assert await connect(trusting(tmp_path), address=terminator.door("tls", LOOPBACK))


@pytest.mark.parametrize("door", ["mtls", "mtls-1.2"])
async def test_it_connects_with_a_client_certificate(terminator: Terminator, tmp_path: Path, door: str) -> None:
    assert await connect(trusting(tmp_path, client=CLIENT), address=terminator.door(door))


async def test_certificates_can_be_given_as_data(terminator: Terminator) -> None:
    environment = {
        "TEMPORAL_TLS_SERVER_CA_CERT_DATA": CA.cert_pem,
        "TEMPORAL_TLS_CLIENT_CERT_DATA": CLIENT.cert_pem,
        "TEMPORAL_TLS_CLIENT_KEY_DATA": CLIENT.key_pem,
    }
    assert await connect(load_settings(environment=environment), address=terminator.door("mtls"))


async def test_a_name_of_the_server_can_be_set(terminator: Terminator, tmp_path: Path) -> None:
    settings = trusting(tmp_path, TEMPORAL_TLS_SERVER_NAME="temporal.example")
    assert await connect(settings, address=terminator.door("elsewhere"))


async def test_a_server_of_an_unknown_ca_is_not_tried_again(terminator: Terminator, tmp_path: Path) -> None:
    message = await refusal(terminator.door("tls"), trusting(tmp_path, FOREIGN))
    assert f"not signed by the CA in TEMPORAL_TLS_SERVER_CA_CERT_PATH ({tmp_path}/ca.pem)" in message


async def test_without_a_ca_of_its_own_the_variable_is_named(terminator: Terminator) -> None:
    message = await refusal(terminator.door("tls"), load_settings(environment={"TEMPORAL_TLS": "true"}))
    assert "no CA that this system knows" in message
    assert "Set TEMPORAL_TLS_SERVER_CA_CERT_PATH" in message


async def test_a_wrong_host_name_is_told_with_the_right_one(terminator: Terminator, tmp_path: Path) -> None:
    message = await refusal(terminator.door("elsewhere"), trusting(tmp_path))
    assert "is for temporal.example, not for localhost" in message
    assert "TEMPORAL_TLS_SERVER_NAME to temporal.example" in message


@pytest.mark.parametrize("name", ["other.example", "10.1.2.3"])
async def test_a_wrong_server_name_is_told_with_the_right_ones(
    terminator: Terminator, tmp_path: Path, name: str
) -> None:
    settings = trusting(tmp_path, TEMPORAL_TLS_SERVER_NAME=name)
    message = await refusal(terminator.door("tls"), settings)
    assert f"is for localhost, 127.0.0.1, not for {name}" in message


@pytest.mark.parametrize("name", ["not a name", "https://localhost", "-x-"])
async def test_a_server_name_that_is_none_is_told(terminator: Terminator, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConnectError, match=f"'{name}', which is none.*TEMPORAL_TLS_SERVER_NAME"):
        await connect(trusting(tmp_path, TEMPORAL_TLS_SERVER_NAME=name), address=terminator.door("tls"), within=NEVER)


@pytest.mark.parametrize(
    ("door", "says"),
    [
        ("expired", "its certificate expired at 20"),
        ("not-yet", "is not valid before 20"),
        ("ca-as-server", "is that of a CA, not of a server"),
    ],
)
async def test_a_certificate_of_the_server_that_is_not_valid(
    terminator: Terminator, tmp_path: Path, door: str, says: str
) -> None:
    assert says in await refusal(terminator.door(door), trusting(tmp_path))


@pytest.mark.parametrize("door", ["mtls", "mtls-1.2"])
@pytest.mark.parametrize(
    ("client", "says"),
    [
        (CA.issue("client", days=EXPIRED), "it has expired"),
        (FOREIGN.issue("client"), "signed by no CA that the server knows"),
    ],
    ids=["expired", "foreign"],
)
async def test_a_client_certificate_that_is_refused(
    terminator: Terminator, tmp_path: Path, door: str, client: Identity, says: str
) -> None:
    for _ in range(5):  # the answer comes after the handshake, or is lost
        message = await refusal(terminator.door(door), trusting(tmp_path, client=client))
        assert says in message
        assert f"the client certificate in TEMPORAL_TLS_CLIENT_CERT_PATH ({tmp_path}/client.pem)" in message


@pytest.mark.parametrize("door", ["mtls", "mtls-1.2"])
async def test_a_client_certificate_that_is_missing(terminator: Terminator, tmp_path: Path, door: str) -> None:
    for _ in range(5):
        message = await refusal(terminator.door(door), trusting(tmp_path))
        assert "wants a client certificate, and none is set" in message
        assert "TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH" in message


async def test_a_key_of_another_certificate(terminator: Terminator, tmp_path: Path) -> None:
    settings = trusting(
        tmp_path,
        TEMPORAL_TLS_CLIENT_CERT_PATH=file(tmp_path, "client.pem", CLIENT.cert_pem),
        TEMPORAL_TLS_CLIENT_KEY_PATH=file(tmp_path, "other.key", CA.issue("client").key_pem),
    )
    with pytest.raises(ConnectError) as raised:
        await connect(settings, address=terminator.door("mtls"), within=NEVER)
    assert str(raised.value).startswith(
        f"TEMPORAL_TLS_CLIENT_KEY_PATH ({tmp_path}/other.key) is not the key of the certificate in "
        f"TEMPORAL_TLS_CLIENT_CERT_PATH ({tmp_path}/client.pem)"
    )


@pytest.mark.parametrize("door", ["tls", "mtls", "mtls-1.2"])
@pytest.mark.parametrize("setting", [{}, {"TEMPORAL_TLS": "false", "TEMPORAL_API_KEY": "key"}], ids=["unset", "off"])
async def test_plain_text_to_a_tls_port(terminator: Terminator, door: str, setting: dict[str, str]) -> None:
    for _ in range(3):
        message = await refusal(terminator.door(door), load_settings(environment=setting))
        assert "speaks TLS, and TLS is not set" in message
        assert "Set TEMPORAL_TLS=true" in message
        assert ("TEMPORAL_TLS=false" in message) == bool(setting)


@pytest.mark.parametrize(
    "setting",
    [{"TEMPORAL_API_KEY": "key"}, {"TEMPORAL_TLS": "true"}, {"TEMPORAL_TLS_SERVER_NAME": "localhost"}],
    ids=lambda setting: next(iter(setting)),
)
async def test_tls_to_a_plain_port_is_told_with_what_has_turned_it_on(
    server: DevServer, setting: dict[str, str]
) -> None:
    message = await refusal(server.address, load_settings(environment=setting))
    assert f"TLS is set, by {next(iter(setting))}" in message
    assert "does not speak it" in message


@pytest.mark.parametrize("door", ["page", "page-tls"])
async def test_a_web_page_is_told_by_its_status(terminator: Terminator, tmp_path: Path, door: str) -> None:
    settings = trusting(tmp_path) if door.endswith("tls") else Settings()
    message = await refusal(terminator.door(door), settings)
    assert "HTTP status 401 Unauthorized" in message
    assert "TEMPORAL_API_KEY" in message


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", "web server: it says 'HTTP/1.1 400 Bad Request'"),
        (b"-ERR unknown command\r\n", "something else: it says '-ERR unknown command'"),
        (b"\xff\xfe\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09", "it speaks something else."),
    ],
    ids=["HTTP/1", "text", "bytes"],
)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_what_speaks_something_else_is_quoted(tmp_path: Path, reply: bytes, says: str, tls: bool) -> None:
    async with listening(reply) as address:
        message = await refusal(address, trusting(tmp_path) if tls else Settings())
    assert "is no Temporal server" in message
    assert says in message


async def test_what_speaks_first_is_quoted() -> None:
    async with listening(b"SSH-2.0-OpenSSH_9.2\r\n", at_once=True) as address:
        assert "it says 'SSH-2.0-OpenSSH_9.2'" in await refusal(address, Settings())


@pytest.mark.parametrize("protocols", [(), ("http/1.1",)], ids=["no ALPN", "HTTP/1 only"])
async def test_a_tls_server_without_http2(tmp_path: Path, protocols: tuple[str, ...]) -> None:
    async with listening(b"", server_context(tmp_path, *protocols)) as address:
        assert "not HTTP/2, which Temporal needs" in await refusal(address, trusting(tmp_path))


async def test_grpc_of_something_else() -> None:
    other = import_module("grpc.aio").server()  # it has no types
    address = f"{LOOPBACK}:{other.add_insecure_port(f'{LOOPBACK}:0')}"
    await other.start()
    assert "speaks gRPC, but is no Temporal server" in await refusal(address, Settings())
    await other.stop(None)


async def test_a_terminator_with_nobody_behind_it_is_tried_again(terminator: Terminator, tmp_path: Path) -> None:
    """Temporal may come up; who looks for the reason learns of the certificate too."""
    message = await refusal_after_tries(terminator.door("nobody-behind"), trusting(tmp_path))
    assert "no Temporal server runs behind it" in message
    assert "TEMPORAL_TLS_CLIENT_CERT_PATH" in message
    assert "a proxy there answers 503" in await refusal_after_tries(terminator.door("unavailable"), Settings())


async def test_who_closes_without_a_word_is_tried_again() -> None:
    async with listening(b"") as address:
        assert "the connection is closed" in await refusal_after_tries(address, Settings())


async def test_an_unknown_host_is_tried_again_and_told() -> None:
    assert "failed to lookup address" in await refusal_after_tries("no-such-host.invalid:7233", Settings())


async def test_a_server_that_comes_up_behind_the_terminator_is_waited_for(tmp_path: Path) -> None:
    port = free_port()
    async with terminating(f"{LOOPBACK}:{port}", tmp_path) as terminator:
        connecting = asyncio.create_task(connect(trusting(tmp_path), address=terminator.door("tls"), within=60))
        _, waits = await asyncio.wait([connecting], timeout=0.5)
        assert waits
        async with DevServer(port=port, ui=False):
            assert await connecting


async def test_a_command_and_a_worker_say_it_in_one_line(terminator: Terminator, tmp_path: Path) -> None:
    environment = {
        "TEMPORAL_ADDRESS": terminator.door("mtls"),
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH": file(tmp_path, "ca.pem", CA.cert_pem),
    }
    for arguments in (("worker", "examples.orders.app:app"), ("health",), ("record", "arvo.orc.order/1.0.0/a/b")):
        code, said = await run(*ARVO_TEMPORAL, *arguments, environment=environment)
        assert code == 1
        assert len(said.splitlines()) == 1
        assert said.startswith(f"Error: The server at {terminator.door('mtls')} wants a client certificate")


async def test_the_certificates_of_the_tests_are_right(terminator: Terminator, tmp_path: Path) -> None:
    """Of a door that refuses nobody no message is expected, whoever comes."""
    for client in (CLIENT, FOREIGN.issue("client"), CA.issue("server", HERE)):
        assert await connect(trusting(tmp_path, client=client), address=terminator.door("tls"))
