"""What is counted and measured of orchestrations, by the meter of their worker's runtime; nothing in a replay.

Labels are names of the app: orchestrators and versions, handlers and domains, states of a definition, fates and ways.
None comes from an event, so there are as many series as the app has such names.
"""

from __future__ import annotations

from temporalio.common import MetricCounter, MetricHistogramFloat, MetricMeter

from adapter.app import AnyOrchestrator, ArvoApp
from adapter.definition import find_machine
from adapter.ledger import Fate
from adapter.metering import labelled
from adapter.routing import Route, possible_routes
from adapter.troubles import TroubleKind
from arvo.handling import AddressedEventHandler
from arvo.orchestration import ArvoResumable

EVENTS = "arvo_events"
STEPS = "arvo_steps"
EMISSIONS = "arvo_emissions"
TROUBLE_BEGUN = "arvo_trouble_begun"
TROUBLE_ENDED = "arvo_trouble_ended"
STEP_TIME = "arvo_step_time"
EMISSION_TIME = "arvo_emission_time"
STATE_TIME = "arvo_state_time"

COUNTERS = {
    EVENTS: "Events that have arrived, by fate.",
    STEPS: "Steps that were made, by what they were made for: an event or a timer.",
    EMISSIONS: "Produced events whose way has ended, by way, receiver and outcome.",
    TROUBLE_BEGUN: "Events that were refused, failures that nobody handled, requests that have failed for good.",
    TROUBLE_ENDED: "Those of them that are over: taken, sent again or dismissed, or the machine has gone on.",
}
HISTOGRAMS = {
    STEP_TIME: "Time that a step takes in the code of its machine.",
    EMISSION_TIME: "Time from when an event was produced until its way has ended, tries and turns included.",
    STATE_TIME: "Time that an orchestration was in a state, when it leaves it.",
}
SECONDS = "seconds"


def begin_at_zero(meter: MetricMeter, app: ArvoApp) -> None:
    """Let what counts fates, trouble and failed emissions be there before the first one comes.

    Prometheus sees a counter grow from scrape to scrape: of one that begins at 1 it does not see the first.

    Args:
        meter: The meter of a worker.
        app: What it serves.
    """
    for name, orchestrator in app.orchestrators.items():
        for version in orchestrator.versions:
            ours = labelled(meter, name, version, workflow_type=name)
            events = ours.create_counter(EVENTS, COUNTERS[EVENTS])
            for fate in Fate:
                events.add(0, {"fate": fate.value})
            for counter in (TROUBLE_BEGUN, TROUBLE_ENDED):
                trouble = ours.create_counter(counter, COUNTERS[counter])
                for kind in TroubleKind:
                    trouble.add(0, {"kind": kind.value})
            emissions = ours.create_counter(EMISSIONS, COUNTERS[EMISSIONS])
            for way, to in _ways(app, orchestrator, version):
                emissions.add(0, {"route": way.name.lower(), "to": to, "outcome": "failed"})


def _ways(app: ArvoApp, orchestrator: AnyOrchestrator, version: str) -> set[tuple[Route, str]]:
    """Return the ways of what an orchestrator produces: to services, to who can be named as `to`, to who has asked."""
    own = orchestrator.source
    named = {source for source, one in app.handlers.items() if isinstance(one, AddressedEventHandler)}
    askers = {
        source for source, one in app.orchestrators.items() if any(own in _services(one, each) for each in one.versions)
    }
    return possible_routes(app, {*_services(orchestrator, version), *named, *askers})


def _services(orchestrator: AnyOrchestrator, version: str) -> set[str]:
    """Return the types of the services that an orchestrator has contracts of."""
    if isinstance(orchestrator, ArvoResumable):
        return {contract.accepts.type for contract in orchestrator.contracts["services"].values()}
    machine = find_machine(orchestrator, version)
    return set(machine.services_by_type) if machine else set()


class Meters:
    """The counters and histograms of one orchestration; each is made when it is used first.

    Args:
        meter: Makes them, with the labels that all of them have.
    """

    def __init__(self, meter: MetricMeter) -> None:
        self._meter = meter
        self._counters: dict[str, MetricCounter] = {}
        self._histograms: dict[str, MetricHistogramFloat] = {}

    def count(self, name: str, number: int = 1, **labels: str) -> None:
        """Count one, or several.

        Args:
            name: One of `COUNTERS`.
            number: How many.
            **labels: What else it is counted by.
        """
        if name not in self._counters:
            self._counters[name] = self._meter.create_counter(name, COUNTERS[name])
        self._counters[name].add(number, labels)

    def measure(self, name: str, seconds: float, **labels: str) -> None:
        """Measure a time.

        Args:
            name: One of `HISTOGRAMS`.
            seconds: The time.
            **labels: What else it is measured by.
        """
        if name not in self._histograms:
            self._histograms[name] = self._meter.create_histogram_float(name, HISTOGRAMS[name], SECONDS)
        self._histograms[name].record(seconds, labels)
