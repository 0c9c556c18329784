"""How produced events leave an orchestration, and how what comes of them gets back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from temporalio import workflow
from temporalio.exceptions import FailureError

from adapter.app import AnyOrchestrator, ArvoApp
from adapter.codec import MissingCodecError
from adapter.endings import Cause, root_cause
from adapter.failures import reports_failure
from adapter.limits import Limits
from adapter.log_fields import event_fields
from adapter.routing import Route, route
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from workflows.carried_state import CarriedMark
from workflows.departures import Departures
from workflows.emission_activities import perform
from workflows.failed_requests import FailedRequests
from workflows.foresight import Foresight
from workflows.inbox import Inbox
from workflows.log import logger
from workflows.nesting import Nesting
from workflows.reports import Reports
from workflows.system_errors import system_error

Work = Callable[[ArvoEvent], Awaitable[list[ArvoEvent]]]
"""What is done to emit an event; it returns what comes back."""


@dataclass(frozen=True, slots=True)
class OpenEmission:
    """A produced event that is on its way.

    Attributes:
        event: The event.
        way: How it leaves.
        since: When it was produced, in seconds since the epoch; None where that is not known.
        place: Where the orchestration stood, in words.
    """

    event: ArvoEvent
    way: Route
    since: float | None
    place: str


class Emission:
    """Sends produced events on their way; what comes of them for the orchestration itself goes into the inbox.

    Args:
        app: The app of the worker.
        subject: The subject of the orchestration.
        orchestrator: The orchestrator of the orchestration.
        inbox: The inbox of the orchestration.
        failed: Where requests that have failed for good are kept.
        limits: The limits of this run.
        reports: What logs and metrics are told.
        foresight: Told where the results of local activities have come in.
    """

    def __init__(
        self,
        app: ArvoApp,
        subject: str,
        orchestrator: AnyOrchestrator,
        inbox: Inbox,
        failed: FailedRequests,
        limits: Limits,
        reports: Reports,
        foresight: Foresight,
    ) -> None:
        self._app = app
        self._subject = subject
        self._orchestrator = orchestrator
        self._inbox = inbox
        self._failed = failed
        self._reports = reports
        self._foresight = foresight
        self._nesting = Nesting(app, subject, limits.nesting)
        self._departures = Departures(limits.emissions_at_once)
        self._begun = 0
        self._open: dict[int, ArvoEvent] = {}
        self._marks: dict[int, CarriedMark] = {}
        """When and where they were produced."""
        self._under_way: set[int] = set()
        """Those of them that have had their turn."""
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._holds_back = False

    def is_open(self) -> bool:
        """Tell whether an emission has not ended, children that have begun apart."""
        return any(not self._nesting.has_begun(event) for event in self._open.values())

    def is_leaving(self) -> bool:
        """Tell whether an emission is on its way, or is going to be, children apart."""
        return any(self._way_of(self._open[number]) is not Route.CHILD for number in self._tasks)

    def is_starting_a_child(self) -> bool:
        """Tell whether the start of a child is on its way."""
        under_way = (self._open[number] for number in self._under_way)
        return any(self._way_of(event) is Route.CHILD and not self._nesting.has_begun(event) for event in under_way)

    def emit(self, event: ArvoEvent, place: str = "", since: float | None = None) -> None:
        """Send an event on its way.

        Args:
            event: The event.
            place: Where the orchestration stands, in words.
            since: When it was produced, in seconds since the epoch; now by default.
        """
        mark = CarriedMark(since=workflow.time() if since is None else since, place=place)
        match self._way_of(event):
            case Route.INBOX:
                self._inbox.add(event)
                self._reports.emission(event, Route.INBOX, failed=False)
            case Route.NOWHERE:
                self._report_unroutable(event)
            case Route.CHILD:
                self._begin(event, self._nesting.start, mark)
            case way:
                self._begin(event, partial(perform, self._app, foresight=self._foresight, way=way, place=place), mark)

    def open(self) -> list[OpenEmission]:
        """Return what is on its way, children that have begun included, oldest first."""
        return [
            OpenEmission(event, self._way_of(event), self._marks[number].since, self._marks[number].place)
            for number, event in self._open.items()
        ]

    def marks(self, *, of_children: bool) -> list[CarriedMark]:
        """Return when and where what `children` or `emissions` return was produced, in the same order."""
        return [
            self._marks[number] for number, event in self._open.items() if self._nesting.has_begun(event) is of_children
        ]

    def requests(self) -> list[ArvoEvent]:
        """Return the events whose emission has not ended, and which no child stands for."""
        return [event for event in self._open.values() if self._way_of(event) is not Route.CHILD]

    def withdraw(self, request: ArvoEvent) -> bool:
        """Let nothing come of a request any more: what is under way of it is cancelled.

        Returns:
            Whether it was open.
        """
        number = next((number for number, event in self._open.items() if event is request), None)
        if number is None:
            return False
        del self._open[number], self._marks[number]
        if task := self._tasks.pop(number, None):
            task.cancel()
        return True

    def emissions(self) -> list[ArvoEvent]:
        """Return the events whose emission has not ended, children that have begun apart.

        A child that has not begun when this run ends is started by the next one: the server may drop a start whose
        parent's run is closed.
        """
        return [event for event in self._open.values() if not self._nesting.has_begun(event)]

    def children(self) -> list[ArvoEvent]:
        """Return the init events of the children that have begun and not ended."""
        return [event for event in self._open.values() if self._nesting.has_begun(event)]

    def restore(
        self,
        emissions: Iterable[ArvoEvent],
        children: Iterable[ArvoEvent],
        emission_marks: Iterable[CarriedMark] = (),
        child_marks: Iterable[CarriedMark] = (),
    ) -> None:
        """Take up what an earlier run has left: watch the open children, and emit again.

        The children come first, as they have had their turn. The marks say when and where each was produced.
        """
        marks = iter(child_marks)
        for event in children:
            self._nesting.take_up(event)
            self._begin(event, self._nesting.watch, next(marks, CarriedMark()))
        marks = iter(emission_marks)
        for event in emissions:
            mark = next(marks, CarriedMark())
            self.emit(event, mark.place, mark.since)

    def hold_back(self) -> None:
        """Begin nothing more that may take long, as the orchestration ends: what has not begun stays as it is.

        What is only handed over still leaves: to a publisher, to another orchestration, or within a workflow task.
        """
        self._holds_back = True
        for number in [number for number in self._tasks if number not in self._under_way]:
            if self._may_take_long(self._open[number]):
                self._tasks.pop(number).cancel()

    async def end_children(self) -> None:
        """Do with the open children what the app says for an orchestration that is cancelled.

        From now on nothing more leaves: a child that waits for its turn is never started.
        """
        self._departures.stop()
        begun = [
            event for number, event in self._open.items() if number in self._under_way or self._nesting.has_begun(event)
        ]
        await self._nesting.end([event for event in begun if self._way_of(event) is Route.CHILD])

    def _way_of(self, event: ArvoEvent) -> Route:
        return route(self._app, event, subject=self._subject)

    def _begin(self, event: ArvoEvent, work: Work, mark: CarriedMark) -> None:
        # Authors may give one id to several events.
        self._begun = number = self._begun + 1
        self._open[number] = event
        self._marks[number] = mark
        self._inbox.resolved.forget(event)
        if not (self._holds_back and self._may_take_long(event)):
            self._tasks[number] = asyncio.create_task(self._complete(number, event, work))

    def _may_take_long(self, event: ArvoEvent) -> bool:
        match self._way_of(event):
            case Route.HANDLER:
                return self._app.policy(event.to).mode != "local"
            case Route.CHILD:
                return True
        return False

    async def _complete(self, number: int, event: ArvoEvent, work: Work) -> None:
        """Wait for what comes of an event. Nobody awaits this: whatever is raised has to get into the inbox."""
        size, began = len(event.to_json_bytes()), workflow.now()
        await self._departures.begin(size)
        self._under_way.add(number)
        answers: list[ArvoEvent] = []
        try:
            answers = await self._answers_to(event, work)
        except MissingCodecError as error:
            if number in self._open:
                self._inbox.add_obstacle(error)
                return
        except asyncio.CancelledError:
            if number in self._open:
                raise
        self._departures.end(size)
        self._under_way.remove(number)
        if self._open.pop(number, None) is None:
            return  # It was withdrawn: nothing comes of it.
        del self._marks[number], self._tasks[number]
        failures = [answer for answer in answers if reports_failure(answer, event)]
        seconds = (workflow.now() - began).total_seconds()
        self._reports.emission(event, self._way_of(event), seconds, failed=bool(failures))
        if failures and self._way_of(event) is not Route.CHILD:  # an orchestration begins only once
            self._failed.fail(event, str(failures[0].data.get("errorName")), workflow.now().isoformat())
        for answer in answers:
            self._emit_answer(self._told_anew(answer) if answer in failures else answer, event)

    async def _answers_to(self, event: ArvoEvent, work: Work) -> list[ArvoEvent]:
        """Return what comes back for an event: where it fails, the system error that tells so."""
        try:
            return await work(event)
        except FailureError as error:
            # A local activity that fails raises its cause, and only in a replay an ActivityError around it.
            return [system_error(event, self._subject, root_cause(error))]
        except MissingCodecError:
            raise
        except Exception as error:
            about = self._reports.fields | event_fields(event)
            logger.exception("The emission of '%s' has raised.", event.type, extra=about)
            return [system_error(event, self._subject, Cause(type(error).__name__, str(error)))]

    def _emit_answer(self, answer: ArvoEvent, request: ArvoEvent) -> None:
        try:
            self.emit(answer)
        except ArvoError as error:
            cause = Cause("InvalidAnswer", f"The answer '{answer.type}' cannot be emitted. {error}")
            self._inbox.add(system_error(request, self._subject, cause))

    def _report_unroutable(self, event: ArvoEvent) -> None:
        """Tell the machine that nobody takes its event; how it ended needs no taker, the result has that."""
        if self._tells_the_end(event):
            return
        reason = (
            f"Nobody takes '{event.type}': this app has no handler or orchestrator of type '{event.to}' and no "
            f"publisher for the domain {event.domain!r}. Add one to ArvoApp(handlers=, orchestrators=, "
            "publishers=), or name the task queue of the app that has it in ArvoApp(task_queues=)."
        )
        self._reports.emission(event, Route.NOWHERE, failed=True)
        self._failed.fail(event, "NoRoute", workflow.now().isoformat())
        self._inbox.add(self._told_anew(system_error(event, self._subject, Cause("NoRoute", reason))))

    def _told_anew(self, error: ArvoEvent) -> ArvoEvent:
        """Return the failure of a request under another id, where an earlier failure of the same one has its own."""
        if not self._inbox.has_consumed(error):
            return error
        return replace(error, id=str(workflow.uuid4()))

    def _tells_the_end(self, event: ArvoEvent) -> bool:
        contract = self._orchestrator.self_contract
        types = (contract.metadata["completeEventType"], contract.system_error.type)
        return event.source == self._orchestrator.source and event.type in types
