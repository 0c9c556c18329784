"""An app of trips, in the deployment that has run so far and with something changed, as the next one would have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    ArvoResumable,
    ResumableOutput,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    create_simple_arvo_contract,
    emit,
    setup_arvo_machine,
)
from arvo.orchestration.machine import ArvoMachine
from arvo_temporal import ArvoApp, ArvoClient, Limits
from tests.polling import eventually
from tests.resumables import context_of, policies_of


class Trip(BaseModel):
    """How long a trip is."""

    days: int


class Note(BaseModel):
    """Something to say."""

    text: str


TRIP = create_arvo_orchestrator_contract(
    uri="#/test/trip",
    name="trip",
    versions={version: {"init": Trip, "complete": Note} for version in ("1.0.0", "2.0.0")},
)
HOTEL = create_simple_arvo_contract(
    uri="#/test/hotel", type="hotel.book", versions={"1.0.0": {"accepts": Trip, "emits": Note}}
)
HOSTEL = create_simple_arvo_contract(
    uri="#/test/hostel", type="hostel.book", versions={"1.0.0": {"accepts": Trip, "emits": Note}}
)
DESK = create_arvo_contract(
    uri="#/test/desk",
    type="com.desk.ask",
    versions={"1.0.0": {"accepts": Note, "emits": {"evt.desk.approved": Note, "evt.desk.noted": Note}}},
)


def book(kind: str) -> Any:
    """Return the action that asks a house for a room."""
    return emit(lambda context: {"type": f"com.{kind}.book", "data": {"days": context["days"]}})


STATES: Mapping[str, Any] = {
    "approving": {
        "on": {
            "evt.desk.approved": {"guard": "is_short", "target": "booking"},
            "evt.desk.noted": {"actions": "note"},
        }
    },
    "booking": {
        "entry": "book",
        "on": {"evt.hotel.book.success": {"target": "travelling"}, "evt.hostel.book.success": {"target": "travelling"}},
    },
    "travelling": {"on": {"evt.desk.noted": {"target": "over"}}},
    "over": {"type": "final"},
}


def trip_machine(
    *,
    version: str = "1.0.0",
    states: Mapping[str, Any] | None = None,
    actions: Mapping[str, Any] | None = None,
    is_short: Callable[..., bool] = lambda context: context["days"] < 30,
    guards: Mapping[str, Callable[..., bool]] | None = None,
    **config: Any,
) -> ArvoMachine:
    """Return the machine of a trip.

    Args:
        version: Its version.
        states: States that differ from `STATES`, by name; None for one that is gone.
        actions: Actions that differ, by name.
        is_short: The guard of the approval.
        guards: Other guards.
        **config: Other parts of the config that differ.
    """
    return setup_arvo_machine(
        contracts={
            "self": TRIP.version(version),
            "services": {
                "hotel": HOTEL.version("1.0.0"),
                "hostel": HOSTEL.version("1.0.0"),
                "desk": DESK.version("1.0.0"),
            },
        },
        actions={"book": book("hotel"), "note": lambda: None, **(actions or {})},
        guards={"is_short": is_short, **(guards or {})},
    ).create_machine(
        {
            "id": "trip",
            "context": lambda input: {"days": input.data["days"]},
            "initial": "approving",
            "states": {name: state for name, state in {**STATES, **(states or {})}.items() if state is not None},
            "output": lambda context: {"text": f"{context['days']} days"},
            **config,
        }
    )


def nothing() -> ResumableOutput | None:
    """Do nothing with what the desk notes."""
    return None


def trip_function(
    note: Callable[[], ResumableOutput | None] = nothing,
    is_short: Callable[[Any], bool] = lambda context: context["days"] < 30,
) -> ArvoResumable:
    """Return the same as a function.

    Args:
        note: What it returns where the desk notes something before the trip.
        is_short: Whether the trip goes on where it is approved.
    """

    def travel(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput | None:
        if input is not None:
            return {"context": {"days": input.data["days"], "value": "approving"}}
        match context["value"], service and service.type:
            case "approving", "evt.desk.noted":
                return note()
            case "approving", "evt.desk.approved" if is_short(context):
                request = {"type": "com.hotel.book", "data": {"days": context["days"]}}
                return {"context": {**context, "value": "booking"}, "services": [request]}
            case "booking", "evt.hotel.book.success":
                return {"context": {**context, "value": "travelling"}}
            case "travelling", "evt.desk.noted":
                return {"output": {"text": f"{context['days']} days"}}
        return None

    services = {"hotel": HOTEL.version("1.0.0"), "desk": DESK.version("1.0.0")}
    return create_arvo_resumable(
        contracts={"self": TRIP, "services": services}, handler={"1.0.0": travel, "2.0.0": travel}
    )


def trip_app(*logic: ArvoMachine | ArvoResumable, limits: Limits | None = None) -> ArvoApp:
    """Return an app of these machines, or of a function, which runs inline; by default of the machine of before."""
    functions = [one for one in logic if isinstance(one, ArvoResumable)]
    machines = [one for one in logic if isinstance(one, ArvoMachine)] or [trip_machine()]
    return ArvoApp(
        orchestrators=functions or [create_arvo_orchestrator(executionunits=1, machines=machines)],
        policies=policies_of("arvo.orc.trip", "inline" if functions else "machine"),
        handlers=[
            create_arvo_event_handler(contract=contract, executionunits=0, handler={"1.0.0": _answer(kind)})
            for kind, contract in (("hotel", HOTEL), ("hostel", HOSTEL))
        ],
        limits=limits,
    )


def _answer(kind: str) -> Any:
    async def answer(event: ArvoEvent) -> Mapping[str, Any]:
        return {"type": f"evt.{kind}.book.success", "data": {"text": f"a room for {event.data['days']} days"}}

    return answer


def start_trip(days: int = 7, version: str = "1.0.0") -> ArvoEvent:
    """Return the init event of a new trip."""
    return create_arvo_orchestrator_event_factory(TRIP.version(version)).init(
        source="com.test.app", data={"parentSubject$$": None, "days": days}
    )


def said(subject: str, what: str = "approved") -> ArvoEvent:
    """Return what the desk says about a trip: that it is `approved`, or something `noted`."""
    return create_arvo_event_factory(DESK.version("1.0.0")).emits(
        type=f"evt.desk.{what}",
        source="com.desk.ask",
        subject=subject,
        to="arvo.orc.trip",
        data={"text": what},
    )


async def arrived(client: ArvoClient, subject: str, value: str) -> None:
    """Wait until a trip is in a state."""

    async def look() -> object:
        record = await client.record(subject)
        return record and (record.get("value") or context_of(record)["value"])

    await eventually(look, lambda seen: seen == value)


app = trip_app()
dearer = trip_app(trip_machine(states={"booking": {**STATES["booking"], "entry": ["note", "book"]}}))
cheaper = trip_app(trip_machine(actions={"book": book("hostel")}))
