"""The emissions that an activity performs: to handlers, to publishers, and to orchestrations that are no children."""

from __future__ import annotations

from temporalio.exceptions import FailureError

from adapter.app import ArvoApp
from adapter.codec import wait_for_codec
from adapter.names import DELIVER, PUBLISH
from adapter.payload import to_raw
from adapter.policies import EmissionPolicy
from adapter.retried_errors import last_word
from adapter.routing import Route
from adapter.summaries import summary_of_emission
from arvo.events import ArvoEvent
from workflows.activity_by_policy import execute
from workflows.answers import read_answer
from workflows.foresight import Foresight
from workflows.lacking import until_a_worker_has_it


async def perform(
    app: ArvoApp, event: ArvoEvent, foresight: Foresight, *, way: Route, place: str = ""
) -> list[ArvoEvent]:
    """Perform an emission and return the events that come back: those of a handler that raised to the last, too.

    Where the last try came to a worker that lacks the handler or the publisher, as those of an older release do while
    a new one is rolled out, it is tried anew, until there is one that has it.

    Args:
        app: The app of the worker.
        event: The event that leaves.
        foresight: Told where the results of local activities have come in.
        way: To a handler, a publisher, or an orchestration.
        place: Where the orchestration stood when it was produced, in words.

    Raises:
        FailureError: It has failed for good, or the answer cannot be read.
        MissingCodecError: The answer of a worker of this app has gone through a codec that this worker lacks.
    """
    return await until_a_worker_has_it(str(event.to), lambda: _perform(app, event, foresight, way, place))


async def _perform(app: ArvoApp, event: ArvoEvent, foresight: Foresight, way: Route, place: str) -> list[ArvoEvent]:
    name, chosen = _activity(app, event, way)
    try:
        answer = await execute(
            name,
            [to_raw(event)],
            chosen,
            summary_of_emission(event, place),
            is_local=chosen.mode == "local",
            foresight=foresight,
            task_queue=app.task_queues.get(name),
        )
    except FailureError as error:
        if words := last_word(error, event):
            return words
        raise
    if name not in app.task_queues:
        wait_for_codec(app, answer)
    return read_answer(answer, event, event.subject)


def _activity(app: ArvoApp, event: ArvoEvent, way: Route) -> tuple[str, EmissionPolicy]:
    """Return the name of the activity that an event leaves by, and its policy."""
    match way:
        case Route.PUBLISHER:
            return PUBLISH, app.policy(event.domain)
        case Route.ORCHESTRATION:
            return DELIVER, app.delivery_policy(event.to)
    return str(event.to), app.policy(event.to)
