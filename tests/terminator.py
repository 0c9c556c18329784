"""A real TLS terminator in front of the dev server: HAProxy, with certificates of a CA of the tests' own."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from arvo_temporal.dev_server.ports import LOOPBACK, free_port
from tests.certificates import EXPIRED, HERE, NOT_YET, Identity, authority
from tests.polling import PATIENCE

CA = authority("the CA")
FOREIGN = authority("another CA")
PAGE = "<html>Please log in.</html>"

SERVERS = {
    "tls": CA.issue("server", HERE),
    "expired": CA.issue("server", HERE, EXPIRED),
    "not-yet": CA.issue("server", HERE, NOT_YET),
    "elsewhere": CA.issue("server", ["temporal.example"]),
    "ca-as-server": CA,
}
"""Doors to the dev server, by what their certificate is."""
CLIENTS_WANTED = ("mtls", "mtls-1.2")
PAGES = ("page", "page-tls")
WITHOUT_SERVER = ("nobody-behind", "unavailable")


class Terminator:
    """A running terminator.

    Args:
        ports: The port of each door.
    """

    def __init__(self, ports: dict[str, int]) -> None:
        self._ports = ports

    def door(self, name: str, host: str = "localhost") -> str:
        """Return the address of a door: one of `SERVERS`, `CLIENTS_WANTED`, `PAGES` or `WITHOUT_SERVER`."""
        return f"{host}:{self._ports[name]}"


@asynccontextmanager
async def terminating(server: str, folder: Path) -> AsyncIterator[Terminator]:
    """Run HAProxy in front of a server.

    Args:
        server: The address of the server.
        folder: Where it finds its configuration and certificates.
    """
    program = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    assert program, "haproxy is missing: install it (apt-get install haproxy, brew install haproxy)"
    names = (*SERVERS, *CLIENTS_WANTED, *PAGES, *WITHOUT_SERVER)
    ports = dict(zip(names, _free_ports(len(names)), strict=True))
    (folder / "haproxy.cfg").write_text(_configuration(server, ports, folder))
    process = await asyncio.create_subprocess_exec(
        program, "-db", "-f", str(folder / "haproxy.cfg"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        await _listening(process, ports["tls"])
        yield Terminator(ports)
    finally:
        process.kill()
        await process.communicate()


async def _listening(process: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
            except ConnectionError:
                assert process.returncode is None, (await process.communicate())[1].decode()
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


def _free_ports(count: int) -> set[int]:
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return ports


def _configuration(server: str, ports: dict[str, int], folder: Path) -> str:
    for name, identity in SERVERS.items():
        _write(folder / f"{name}.pem", identity)
    (folder / "ca.pem").write_text(CA.cert_pem)
    tls = f"ssl crt {folder}/tls.pem alpn h2"
    mutual = f"{tls} ca-file {folder}/ca.pem verify required"
    doors = {
        **{name: f"ssl crt {folder}/{name}.pem alpn h2" for name in SERVERS},
        "mtls": mutual,
        "mtls-1.2": f"{mutual} ssl-max-ver TLSv1.2",
    }
    page = f'mode http\n http-request return status 401 content-type text/html string "{PAGE}"\n'
    return "\n".join(
        (
            "defaults\n mode tcp\n retries 0\n timeout connect 5s\n timeout client 60s\n timeout server 60s",
            *(_frontend(name, ports[name], how, "default_backend temporal") for name, how in doors.items()),
            _frontend("nobody-behind", ports["nobody-behind"], tls, "default_backend nobody"),
            _frontend("unavailable", ports["unavailable"], "", "mode http\n default_backend nobody-http"),
            _frontend("page", ports["page"], "", page),
            _frontend("page-tls", ports["page-tls"], tls, page),
            f"backend temporal\n server temporal {server}",
            f"backend nobody\n server nobody {LOOPBACK}:{free_port()}",
            f"backend nobody-http\n mode http\n server nobody {LOOPBACK}:{free_port()} proto h2\n",
        )
    )


def _frontend(name: str, port: int, bind: str, then: str) -> str:
    return f"frontend {name}\n bind {LOOPBACK}:{port} {bind}\n {then}"


def _write(file: Path, identity: Identity) -> None:
    file.write_text(identity.cert_pem + identity.key_pem)
