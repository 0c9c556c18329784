"""The app that the worker processes serve: both examples and a long-lived tape, with handlers that fail at random."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

from temporalio import activity
from temporalio.common import RetryPolicy

from arvo import ArvoEvent, ArvoEventHandler, ArvoOrchestrator, ExecutionViolation
from arvo.handling.execution import ExecutionResult, TelemetryOptions
from arvo_temporal import ArvoApp, ArvoClient, EmissionPolicy, Limits
from examples.number_modifier import app as numbers
from examples.number_modifier.handlers import create_handlers as create_number_handlers
from examples.orders import app as orders
from examples.orders.approvals import ApprovalDesk
from examples.orders.handlers import create_handlers as create_order_handlers
from tests.tape import tape_app

FAILURES = 0.2
"""Share of the executions of handlers that fail."""

EVENTS_PER_RUN = "CHAOS_EVENTS_PER_RUN"
"""The environment variable that says after how many events an orchestration continues as new."""

RECEIVED = "CHAOS_RECEIVED"
"""The environment variable that names the file where handlers write down what they receive."""


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
        _write_down(event)
        if fails:
            raise ExecutionViolation("The answer is lost, says the chaos.")
        return result


def _write_down(event: ArvoEvent) -> None:
    """Append a line at once, so that a killed worker has written all of it or nothing."""
    if path := os.environ.get(RECEIVED):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(file, f"{event.id} {event.type}\n".encode())
        os.close(file)


def create_orchestrators() -> list[ArvoOrchestrator]:
    """Return all orchestrators."""
    tape = tape_app().orchestrators.values()
    return [*orders.create_orchestrators(), *numbers.create_orchestrators(), *tape]


def create_handlers() -> Sequence[ArvoEventHandler]:
    """Return all handlers, as they are when nothing fails."""
    return [*create_order_handlers(), *create_number_handlers({})]


async def decide(request: ArvoEvent) -> None:
    """Decide a request at once, as the desk does, and deliver the decision."""
    _write_down(request)
    client = ArvoClient(activity.client(), task_queue=activity.info().task_queue)
    await client.deliver(ApprovalDesk().decide(request))


def _policies(handlers: Sequence[ArvoEventHandler]) -> Iterator[tuple[str, EmissionPolicy]]:
    retry = RetryPolicy(
        initial_interval=timedelta(milliseconds=50), maximum_interval=timedelta(seconds=1), maximum_attempts=0
    )
    for handler in handlers:
        yield handler.source, EmissionPolicy(timeout=timedelta(seconds=5), retry=retry)
    yield "external", EmissionPolicy(timeout=timedelta(seconds=5), retry=retry)


_handlers = [FailingHandler(handler) for handler in create_handlers()]
app = ArvoApp(
    orchestrators=create_orchestrators(),
    handlers=_handlers,
    publishers={"external": decide},
    policies=dict(_policies(_handlers)),
    limits=Limits(deliveries_per_run=int(os.environ.get(EVENTS_PER_RUN, "5"))),
    task_queue="chaos",
)
