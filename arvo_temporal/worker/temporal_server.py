"""The Temporal server of a worker: the one that the settings name, or a dev server that it starts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

from temporalio.client import Client

from arvo_temporal.connection import Settings, connect, load_settings
from arvo_temporal.dev_server import DevServer, DevServerError, is_free
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.tasks import first_completed
from arvo_temporal.worker.options import DevServerOptions, WorkerOptions

_USUAL_PORT = 7233
_USUAL_UI_PORT = 8233


def new_dev_server(options: DevServerOptions, *, ui_codec_endpoint: str | None = None) -> DevServer:
    """Return a dev server, to be entered, on the ports where people look for Temporal if they are free.

    It has the namespace that Temporal's standard settings name.

    Args:
        options: Its ports and its database.
        ui_codec_endpoint: URL of a codec server that its UI asks.

    Raises:
        SettingsError: They cannot be read.
    """
    return DevServer(
        namespace=load_settings().namespace,
        port=options.port or _usual(_USUAL_PORT),
        ui_port=options.ui_port or _usual(_USUAL_UI_PORT),
        ui_codec_endpoint=ui_codec_endpoint,
        db_file=options.db_file,
    )


@asynccontextmanager
async def connected(options: WorkerOptions) -> AsyncIterator[tuple[Client, DevServer | None]]:
    """Connect by Temporal's standard settings, or start a dev server and connect to that.

    Yields:
        The client, and the dev server if it was started.

    Raises:
        SettingsError: The connection settings cannot be read.
        ConnectError: No Temporal server could be used.
        DevServerError: The dev server could not be started.
    """
    plugins = [ArvoPlugin(options.app)]
    if options.dev_server is None:
        yield await connect(plugins=plugins), None
        return
    async with new_dev_server(options.dev_server) as dev_server:
        yield await connect(dev_settings(dev_server.address), plugins=plugins), dev_server


def dev_settings(address: str) -> Settings:
    """Return the settings of a dev server's clients: no credentials, and the namespace of the standard settings.

    Raises:
        SettingsError: Those cannot be read.
    """
    return Settings(address=address, namespace=load_settings().namespace)


async def wait_for_stop(stop: asyncio.Event, dev_server: DevServer | None) -> None:
    """Wait until `stop` is set.

    Raises:
        DevServerError: The dev server ends before.
    """
    if dev_server is None:
        await stop.wait()
    else:
        await first_completed(stop.wait(), _fail_at_the_end_of(dev_server))


async def _fail_at_the_end_of(dev_server: DevServer) -> NoReturn:
    raise DevServerError(f"The dev server has ended by itself. It said last:\n{await dev_server.ended()}")


def _usual(port: int) -> int | None:
    return port if is_free(port) else None
