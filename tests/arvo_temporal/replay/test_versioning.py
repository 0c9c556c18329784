"""How a change is shipped: as a new version beside the old one, or behind `arvo.patched`."""

from __future__ import annotations

from uuid import uuid4

from arvo import ArvoEvent, SimpleEventBroker, create_arvo_orchestrator, emit, patched
from arvo.orchestration.machine import ArvoMachine
from arvo_temporal import ArvoClient, workflow_id
from arvo_temporal.dev_server.server import DevServer
from arvo_temporal.replay.check import check_run
from arvo_temporal.replay.runs import runs_of
from tests.arvo_temporal.replay.test_changed_machine import deployed
from tests.trips import arrived, book, said, start_trip, trip_app, trip_machine


def hostels_since_may() -> ArvoMachine:
    """The machine with a changed action behind a patch."""

    def house(context: dict[str, int]) -> dict[str, object]:
        kind = "hostel" if patched("2026-05-hostels") else "hotel"
        return {"type": f"com.{kind}.book", "data": {"days": context["days"]}}

    return trip_machine(actions={"book": emit(house)})


async def test_old_orchestrations_finish_on_the_old_version_beside_the_new_one(server: DevServer) -> None:
    old, new, queue = start_trip(), start_trip(version="2.0.0"), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(), queue) as client:
        await client.execute(old)
    both = trip_app(trip_machine(), trip_machine(version="2.0.0", actions={"book": book("hostel")}))
    async with deployed(server, both, queue) as client:
        await client.execute(new)
        for init in (old, new):
            await client.execute(said(init.subject))
            await arrived(client, init.subject, "travelling")
            await client.execute(said(init.subject, "noted"))
        assert await booked(client, old) == ["com.hotel.book"]
        assert await booked(client, new) == ["com.hostel.book"]
        assert [(await client.result(init.subject))["status"] for init in (old, new)] == ["done", "done"]


async def test_behind_a_patch_old_orchestrations_keep_to_the_old_way(server: DevServer) -> None:
    gone, waiting, fresh, queue = start_trip(), start_trip(), start_trip(), f"arvo-{uuid4()}"
    async with deployed(server, trip_app(), queue) as client:
        await client.execute(gone)
        await client.execute(waiting)
        await client.execute(said(gone.subject))
        await arrived(client, gone.subject, "travelling")
    async with deployed(server, trip_app(hostels_since_may()), queue) as client:
        await client.execute(fresh)
        for init in (waiting, fresh):
            await client.execute(said(init.subject))
            await arrived(client, init.subject, "travelling")
        for init in (gone, waiting, fresh):
            await client.execute(said(init.subject, "noted"))
        assert await booked(client, gone) == ["com.hotel.book"]
        assert await booked(client, waiting) == ["com.hostel.book"]
        assert await booked(client, fresh) == ["com.hostel.book"]
    for init in (gone, waiting, fresh):
        (run,) = await runs_of(client.client, workflow_id(init.subject))
        assert (await check_run(trip_app(hostels_since_may()), run, client.client)).difference is None
    (run,) = await runs_of(client.client, workflow_id(gone.subject))
    unpatched = await check_run(trip_app(trip_machine(actions={"book": book("hostel")})), run, client.client)
    assert unpatched.difference is not None


async def test_without_temporal_a_change_is_in_force() -> None:
    init = start_trip()
    orchestrator = create_arvo_orchestrator(executionunits=1, machines=[hostels_since_may()])
    broker = SimpleEventBroker([orchestrator])
    await broker.publish(init)
    await broker.publish(said(init.subject))
    record = await orchestrator.memory.read(init.subject)
    assert record is not None
    assert [event["type"] for event in record["events"]["produced"]] == ["com.hostel.book"]


async def booked(client: ArvoClient, init: ArvoEvent) -> list[str]:
    """Return what a trip has asked houses for."""
    steps = await client.history(init.subject)
    return [event.type for step in steps for event in step.events if event.type.endswith(".book")]
