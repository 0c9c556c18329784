"""How the events of a machine come and go in an app, as far as its definition says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum, auto

from adapter.app import ArvoApp
from arvo.checking import Emission
from arvo.contracts import PARENT_SUBJECT
from arvo.events import ArvoDomain
from arvo.orchestration import ArvoMachine
from arvo.statechart.running import covers
from arvo.wire import is_orchestrator_type

_SYMBOLS = {one for one in vars(ArvoDomain).values() if isinstance(one, str) and one.startswith("domain.")}
"""They stand for domains that only running tells; mostly none."""


class Leaving(Enum):
    """How an event leaves, and how what answers it comes."""

    ACTIVITY = auto()
    """To a handler: an orchestration that ends begins none any more."""
    OUTWARD = auto()
    """By an activity that only hands it over, to a publisher or to another orchestration; nothing comes back."""
    LOCAL = auto()
    CHILD = auto()
    NOWHERE = auto()


def leavings(app: ArvoApp, emission: Emission) -> Iterator[Leaving]:
    """Yield how an emission leaves: once for each of its domains. Of an unknown type nothing is known."""
    if emission.type is None:
        return
    for domain in dict.fromkeys(_domains(emission)):
        if domain is not None:
            yield published(app, domain)
        elif _has_no_parent(emission):
            yield Leaving.OUTWARD if app.delivery_policy(emission.type).mode != "local" else Leaving.LOCAL
        else:
            yield _leaving(app, emission.type)


def published(app: ArvoApp, domain: str | None) -> Leaving:
    """Return how an event leaves by the publisher of a domain."""
    if domain not in app.publishers:
        return Leaving.NOWHERE
    return Leaving.LOCAL if app.policy(domain).mode == "local" else Leaving.OUTWARD


def _domains(emission: Emission) -> Iterator[str | None]:
    """Yield the domains of an emission; what only running tells counts as none."""
    given = (emission.fields or {}).get("domain")
    listed = given if isinstance(given, list | tuple) and given else [given]
    for one in listed:
        yield one if isinstance(one, str) and one not in _SYMBOLS else None


def _has_no_parent(emission: Emission) -> bool:
    """Whether it starts an orchestration that is not nested."""
    data = (emission.fields or {}).get("data")
    if not is_orchestrator_type(emission.type or "") or not isinstance(data, Mapping):
        return False
    return data.get(PARENT_SUBJECT) is None


def arriving(app: ArvoApp, machine: ArvoMachine, event: str) -> Leaving | None:
    """Return how the request left that an event answers; None for one that comes from outside, by a signal.

    Args:
        app: The app.
        machine: The machine that consumes it.
        event: Its type, or a wildcard.
    """
    known = [type_ for type_ in machine.inputs if type_ == event or covers(event, type_)]
    for type_ in known:
        accepted = machine.inputs[type_]
        if accepted.role == "service" and (how := answered(app, accepted.contract.accepts.type)) is not None:
            return how
    return None


def answered(app: ArvoApp, request: str) -> Leaving | None:
    """Return how a request of a type leaves that the app itself answers; None for one that is answered from outside."""
    return _leaving(app, request) if _is_served(app, request) else None


def _is_served(app: ArvoApp, type_: str) -> bool:
    return type_ in app.handlers or type_ in app.orchestrators or type_ in app.task_queues


def _leaving(app: ArvoApp, type_: str) -> Leaving:
    if type_ in app.handlers or (type_ in app.task_queues and not is_orchestrator_type(type_)):
        return Leaving.LOCAL if app.policy(type_).mode == "local" else Leaving.ACTIVITY
    if _is_served(app, type_):
        return Leaving.CHILD
    return published(app, None)
