"""The calls of a resumable's function that are made outside the workflow, by an activity."""

from __future__ import annotations

from temporalio.common import RawValue
from temporalio.exceptions import FailureError, is_cancelled_exception

from adapter.app import ArvoApp
from adapter.calls import GivenRecord, raised_by_call, read_call
from adapter.codec import wait_for_codec
from adapter.payload import to_raw
from adapter.policies import StepMode
from adapter.summaries import summary_of_call
from arvo.errors import ViolationError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.orchestration import ArvoResumable, OrchestrationRecord, ResumableCall
from arvo.telemetry import TraceHeaders
from workflows.activity_by_policy import execute
from workflows.foresight import Foresight
from workflows.lacking import until_a_worker_has_it


class Calls:
    """Calls the function of a resumable, for one orchestration.

    Args:
        app: The app of the worker.
        resumable: The resumable.
        subject: The subject of the orchestration.
        mode: `step` or `local`.
        foresight: Told where the results of local calls have come in.
    """

    def __init__(
        self, app: ArvoApp, resumable: ArvoResumable, subject: str, mode: StepMode, foresight: Foresight
    ) -> None:
        self._app = app
        self._resumable = resumable
        self._version = ArvoOrchestrationSubject.parse(subject).orchestrator.version
        self._is_local = mode == "local"
        self._foresight = foresight

    async def call(
        self, event: ArvoEvent, record: OrchestrationRecord | None, trace: TraceHeaders
    ) -> ResumableCall | Exception:
        """Call the function with an event, and return what that has come to, or what it has raised.

        Args:
            event: The event, which has been checked.
            record: The record after the previous event; None before the first one.
            trace: The trace of the orchestration, for an event that has none.

        Raises:
            FailureError: The orchestration was cancelled meanwhile.
            MissingCodecError: The answer has gone through a codec that this worker lacks.
        """
        given = GivenRecord.of(self._resumable, self._version, record, trace)
        try:
            answer = await until_a_worker_has_it(
                f"the function of {self._resumable.source}", lambda: self._execute(event, given)
            )
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            return raised_by_call(error)
        wait_for_codec(self._app, answer)
        try:
            return read_call(answer)
        except ViolationError as error:
            return error

    async def _execute(self, event: ArvoEvent, given: RawValue) -> RawValue:
        name = self._resumable.source
        arguments, summary = [to_raw(event), given], summary_of_call(event)
        policy = self._app.policy(name)
        return await execute(name, arguments, policy, summary, is_local=self._is_local, foresight=self._foresight)
