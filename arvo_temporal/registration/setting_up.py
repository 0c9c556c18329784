"""Makes a namespace ready for orchestrations: it is created where it is missing, and gets its search attributes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapter.registered import has_attributes
from adapter.search_attributes import ATTRIBUTES
from adapter.temporal_errors import is_not_found
from arvo_temporal.registration.attributes import register_attributes
from arvo_temporal.registration.errors import SetupError

RETENTION = timedelta(days=3)
"""How long a namespace that is created keeps what has closed; Temporal's own default."""

_WAITS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0)
"""Seconds between two tries to use a namespace that was just created: servers take a while to know it."""
_NOT_ALLOWED = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.UNIMPLEMENTED)


@dataclass(frozen=True, slots=True)
class SetupReport:
    """What was done to a namespace.

    Attributes:
        namespace: The namespace.
        created: Whether it was missing, and is there now.
        added: The search attributes that were missing, and are there now.
    """

    namespace: str
    created: bool
    added: tuple[str, ...]


async def set_up(client: Client, retention: timedelta = RETENTION) -> SetupReport:
    """Make the namespace of a client ready for orchestrations; what is there already stays as it is.

    Args:
        client: A Temporal client.
        retention: How long the namespace keeps what has closed, if it is created.

    Raises:
        SetupError: The server refuses it; the message says what to do instead.
    """
    try:
        created = await _create_namespace(client, retention)
        added = await _register(client, created=created)
    except RPCError as error:
        if error.status in _NOT_ALLOWED and await has_attributes(client):
            return SetupReport(client.namespace, created=False, added=())
        raise _refused(client.namespace, error) from error
    return SetupReport(client.namespace, created, tuple(added))


async def _create_namespace(client: Client, retention: timedelta) -> bool:
    """Create the namespace if it is missing; tell whether it was."""
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if not is_not_found(error):
            raise
    else:
        return False
    period = Duration()
    period.FromTimedelta(retention)
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=period)
    )
    return True


async def _register(client: Client, *, created: bool) -> list[str]:
    for wait in _WAITS if created else ():
        try:
            return await register_attributes(client, ATTRIBUTES)
        except RPCError as error:
            if not is_not_found(error):
                raise
        await asyncio.sleep(wait)
    return await register_attributes(client, ATTRIBUTES)


def _refused(namespace: str, error: RPCError) -> SetupError:
    said = error.message.rstrip(".")
    if error.status in _NOT_ALLOWED:
        each = " ".join(f"--sa {name}={type_}" for name, type_ in ATTRIBUTES.items())
        return SetupError(
            f"The server does not let you set up the namespace '{namespace}': {said}. Use credentials that "
            f"may; on Temporal Cloud its UI, or  tcld namespace search-attributes add --namespace {namespace} {each}"
        )
    if "cannot have more than" in said:
        return SetupError(
            f"The namespace '{namespace}' has no room for the search attributes of orchestrations: {said}. Remove what "
            "nobody needs (temporal operator search-attribute list, and remove), or take another namespace."
        )
    return SetupError(
        f"The server does not take the namespace '{namespace}' as it is to be: {said}. Give it what it asks for."
    )
