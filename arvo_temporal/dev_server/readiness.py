"""Whether the dev server is ready: it listens on all its ports and has its namespace."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from arvo_temporal.dev_server.ports import LOOPBACK

_ASK_EVERY = 0.05
_PATIENCE = timedelta(seconds=2)


async def until_ready(address: str, namespace: str, ports: Collection[int]) -> None:
    """Ask a server again and again until it answers.

    Args:
        address: Host and port of its gRPC frontend.
        namespace: The namespace that it has to know.
        ports: The ports of the loopback address that it has to listen on.
    """
    while True:
        if await _listens_on_all(ports) and await _knows(address, namespace):
            return
        await asyncio.sleep(_ASK_EVERY)


async def _listens_on_all(ports: Collection[int]) -> bool:
    return all([await _listens(port) for port in ports])


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True


async def _knows(address: str, namespace: str) -> bool:
    try:
        client = await Client.connect(address, connect_timeout=_PATIENCE)
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=namespace), timeout=_PATIENCE
        )
    except (RPCError, RuntimeError):
        return False
    return True
