"""The app that the worker processes serve, in one of its releases, with handlers that fail at random.

Both examples, a long-lived tape, a quiz that another team answers, and resumables that do the same.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

from temporalio import activity
from temporalio.common import RetryPolicy

from arvo import ArvoEvent, ArvoEventHandler, ArvoOrchestrator, ArvoResumable, ExecutionViolation
from arvo.handling.execution import ExecutionResult, TelemetryOptions
from arvo_temporal import ArvoApp, ArvoClient, EmissionPolicy, Limits
from examples.number_modifier import app as numbers
from examples.number_modifier.handlers import create_handlers as create_number_handlers
from examples.orders import app as orders
from examples.orders.approvals import ApprovalDesk
from examples.orders.handlers import create_handlers as create_order_handlers
from tests.chaos.functions import MODES, create_resumables, create_square
from tests.chaos.notes import note_received
from tests.chaos.questions import ASKED, FOREIGN_TASK_QUEUE, create_oracle, create_quiz
from tests.chaos.releases import Release, ReleasedEngine
from tests.tape import tape_app

FAILURES = 0.2
"""Share of the executions of handlers, and of the calls of functions in activities, that fail."""

EVENTS_PER_RUN = "CHAOS_EVENTS_PER_RUN"
"""The environment variable that says after how many events an orchestration continues as new."""

RELEASE = "CHAOS_RELEASE"
"""The environment variable that says which release of the machines a worker has."""


class FailingHandler(ArvoEventHandler):
    """A handler that fails at random, before or after its work is done; Temporal tries it again."""

    def __init__(self, handler: ArvoEventHandler) -> None:
        self.__dict__.update(handler.__dict__)
        self._handler = handler

    async def execute(self, event: ArvoEvent, opentelemetry: TelemetryOptions | None = None) -> ExecutionResult:
        """Execute, or fail."""
        fails = random.random() < FAILURES
        if fails and random.random() < 0.5:
            raise ExecutionViolation("The service is down, says the chaos.")
        result = await self._handler.execute(event, opentelemetry)
        note_received(event)
        if fails:
            raise ExecutionViolation("The answer is lost, says the chaos.")
        return result


def create_orchestrators() -> list[ArvoOrchestrator | ArvoResumable]:
    """Return all orchestrators."""
    return [*_machine_orchestrators(), *create_resumables()]


def _machine_orchestrators() -> list[ArvoOrchestrator]:
    tape = [one for one in tape_app().orchestrators.values() if isinstance(one, ArvoOrchestrator)]
    return [*orders.create_orchestrators(), *numbers.create_orchestrators(), *tape, create_quiz()]


def _released(release: Release) -> list[ArvoOrchestrator | ArvoResumable]:
    """Return all orchestrators, with machines and inline functions as a release has them; others fail at random."""
    orchestrators = _machine_orchestrators()
    for orchestrator in orchestrators:
        orchestrator.execution_engine = ReleasedEngine(release)
    return [*orchestrators, *create_resumables(release, FAILURES)]


def create_own_handlers() -> Sequence[ArvoEventHandler]:
    """Return the handlers of this app, as they are when nothing fails."""
    return [*create_order_handlers(), *create_number_handlers({}), create_square()]


def create_handlers() -> Sequence[ArvoEventHandler]:
    """Return all handlers, that of the other team included."""
    return [*create_own_handlers(), create_oracle()]


async def decide(request: ArvoEvent) -> None:
    """Decide a request at once, as the desk does, and deliver the decision."""
    note_received(request)
    client = ArvoClient(activity.client(), task_queue=activity.info().task_queue)
    await client.deliver(ApprovalDesk().decide(request))


def _policies(handlers: Sequence[ArvoEventHandler]) -> Iterator[tuple[str, EmissionPolicy]]:
    retry = RetryPolicy(
        initial_interval=timedelta(milliseconds=50), maximum_interval=timedelta(seconds=1), maximum_attempts=0
    )
    for handler in handlers:
        yield handler.source, EmissionPolicy(timeout=timedelta(seconds=5), retry=retry)
    for source, mode in MODES.items():
        yield source, EmissionPolicy(timeout=timedelta(seconds=5), retry=retry, mode=mode)
    yield ASKED, EmissionPolicy(timeout=timedelta(seconds=5), retry=retry)
    yield "external", EmissionPolicy(timeout=timedelta(seconds=5), retry=retry)


_handlers = [FailingHandler(handler) for handler in create_own_handlers()]
app = ArvoApp(
    orchestrators=_released(Release(os.environ.get(RELEASE, Release.GOOD))),
    handlers=_handlers,
    publishers={"external": decide},
    policies=dict(_policies(_handlers)),
    limits=Limits(deliveries_per_run=int(os.environ.get(EVENTS_PER_RUN, "5"))),
    task_queue="chaos",
    task_queues={ASKED: FOREIGN_TASK_QUEUE},
)
