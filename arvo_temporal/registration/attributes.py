"""The search attributes of a namespace: how it gets them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client

from adapter.registered import knows
from arvo_temporal.registration.errors import SetupError

_TYPES = {
    "Text": IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Double": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
}
_ASK_EVERY = 0.1


async def register_attributes(client: Client, attributes: Mapping[str, str], *, within: float = 60.0) -> list[str]:
    """Register the search attributes that the namespace of a client lacks, and wait until the server takes them.

    Args:
        client: A Temporal client.
        attributes: Their names, and Temporal's names of their types.
        within: Seconds that the server may take.

    Returns:
        The names of those that were lacking.

    Raises:
        SetupError: One is there with another type, there is no such type, or the server has not taken them in time.
        RPCError: The server refuses it.
    """
    wanted = {name: _type(name, type_name) for name, type_name in attributes.items()}
    asked = ListSearchAttributesRequest(namespace=client.namespace)
    present = (await client.operator_service.list_search_attributes(asked)).custom_attributes
    for name, type_ in wanted.items():
        if present.get(name, type_) != type_:
            raise SetupError(
                f"The namespace '{client.namespace}' has a search attribute '{name}' that is no {attributes[name]}. "
                f"Remove it, if nobody needs it:  temporal operator search-attribute remove --name {name}"
            )
    missing = {name: type_ for name, type_ in wanted.items() if name not in present}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    await _until_known(client, wanted, within)
    return list(missing)


async def _until_known(client: Client, attributes: Iterable[str], within: float) -> None:
    deadline = time.monotonic() + within
    while not await knows(client, attributes):
        if time.monotonic() > deadline:
            raise SetupError(
                f"The search attributes of the namespace '{client.namespace}' are registered, and the server does not "
                f"take them after {within:g} seconds. Ask again with  arvo-temporal setup ."
            )
        await asyncio.sleep(_ASK_EVERY)


def _type(name: str, type_name: str) -> IndexedValueType.ValueType:
    if type_name not in _TYPES:
        raise SetupError(f"The search attribute '{name}' has the type '{type_name}', which is none of {list(_TYPES)}.")
    return _TYPES[type_name]
