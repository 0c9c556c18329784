"""Whether a namespace has search attributes: asked by a query that finds nothing, as whoever lists workflows may."""

from __future__ import annotations

from collections.abc import Iterable

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapter.search_attributes import ATTRIBUTES
from adapter.temporal_errors import is_not_taken


async def knows(client: Client, attributes: Iterable[str]) -> bool | None:
    """Tell whether the namespace of a client has search attributes; None where the server has no lists of workflows.

    Args:
        client: A Temporal client.
        attributes: Their names.

    Raises:
        RPCError: The server does not answer that, or not to this client.
    """
    try:
        await client.count_workflows(" AND ".join(["WorkflowId = ''", *(f"{name} IS NOT NULL" for name in attributes)]))
    except RPCError as error:
        if error.status is RPCStatusCode.UNIMPLEMENTED:
            return None
        if is_not_taken(error):
            return False
        raise
    return True


async def has_attributes(client: Client) -> bool | None:
    """Tell whether the namespace of a client has the search attributes of orchestrations, as `knows` does.

    Raises:
        RPCError: As `knows` does.
    """
    return await knows(client, ATTRIBUTES)
