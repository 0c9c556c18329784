"""Making a namespace ready: what is missing is added, what stands in the way is named with the cure."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapter.registered import has_attributes, knows
from adapter.search_attributes import ATTRIBUTES
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.registration import SetupError, register_attributes, set_up
from arvo_temporal.registration.setting_up import _refused


@pytest.fixture(scope="module")
async def bare() -> AsyncIterator[DevServer]:
    """A server without search attributes for orchestrations."""
    async with DevServer(ui=False, for_orchestrations=False) as server:
        yield server


async def client_of(server: DevServer) -> Client:
    """Return a client of a namespace that is not there yet."""
    return await Client.connect(server.address, namespace=f"n-{uuid4().hex[:12]}")


async def test_what_is_missing_is_added_and_the_rest_stays(bare: DevServer) -> None:
    client = await client_of(bare)
    first = await set_up(client)
    assert (first.created, first.added) == (True, tuple(ATTRIBUTES))
    assert await has_attributes(client)
    second = await set_up(client)
    assert (second.created, second.added) == (False, ())


async def test_one_that_lacks_some_gets_these(bare: DevServer) -> None:
    client = await client_of(bare)
    await set_up(client)
    assert await register_attributes(client, {**ATTRIBUTES, "orderId": "Keyword"}) == ["orderId"]
    assert await knows(client, ["orderId"])
    assert not await knows(client, ["orderId", "Nonsense"])


async def test_an_attribute_of_another_type_is_named_with_the_cure(bare: DevServer) -> None:
    client = await Client.connect(bare.address)
    await register_attributes(client, {"ArvoTrouble": "Keyword"})
    cure = "'ArvoTrouble' that is no KeywordList.*search-attribute remove --name ArvoTrouble"
    with pytest.raises(SetupError, match=cure):
        await set_up(client)


async def test_a_namespace_without_room_is_told(bare: DevServer) -> None:
    client = await client_of(bare)
    await set_up(client)
    lists = {f"list{number}": "KeywordList" for number in range(3)}
    with pytest.raises(RPCError, match="cannot have more than 3") as refused:
        await register_attributes(client, lists)
    told = str(_refused("shop", refused.value))
    assert "'shop' has no room for the search attributes" in told
    assert "temporal operator search-attribute" in told
    assert "\n" not in told


@pytest.mark.parametrize(
    "status", [RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.UNAUTHENTICATED]
)
def test_where_the_server_does_not_allow_it_there_is_the_command_of_temporal_cloud(status: RPCStatusCode) -> None:
    told = str(_refused("shop.a1b2c", RPCError("Request unauthorized.", status, b"")))
    assert "tcld namespace search-attributes add --namespace shop.a1b2c --sa ArvoOrchestrator=Keyword" in told
    assert all(f"--sa {name}={type_}" in told for name, type_ in ATTRIBUTES.items())
    assert "\n" not in told
