"""Answers that somebody gives in the place of a service: one decision, taken between two turns."""

from __future__ import annotations

from collections.abc import Iterable

from temporalio import workflow
from temporalio.common import RawValue

from adapter.app import AnyOrchestrator
from adapter.failures import refusal
from adapter.ledger import Fate
from adapter.limits import check_fields
from adapter.resolution import RESOLVED_BY, OpenRequest, Resolution
from arvo.errors import shorten
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.wire import system_error_type
from workflows.answers import answer_from_json
from workflows.arguments import resolution_of
from workflows.emission import Emission
from workflows.failed_requests import FailedRequests
from workflows.inbox import Inbox, Outcome
from workflows.steps import Steps

_REPEATED = "This request has been answered in the place of its service before."
_MOST_NAMED = 10


class Resolving:
    """Answers open and failed requests of one orchestration in the place of their services.

    Args:
        subject: The subject of the orchestration.
        orchestrator: The orchestrator of the orchestration.
        inbox: Where the answer waits for its turn.
        steps: What is going to consume it.
        emission: What the open requests are under way by.
        failed: The requests that have failed.
    """

    def __init__(
        self,
        subject: str,
        orchestrator: AnyOrchestrator,
        *,
        inbox: Inbox,
        steps: Steps,
        emission: Emission,
        failed: FailedRequests,
    ) -> None:
        self._subject = subject
        self._orchestrator = orchestrator
        self._inbox = inbox
        self._steps = steps
        self._emission = emission
        self._failed = failed

    def requests(self) -> list[OpenRequest]:
        """Return the requests that can be answered, those that have failed last; children answer for themselves."""
        answers = self._answers_by_request()
        standing = [("open", request) for request in self._emission.requests()]
        standing += [("failed", request) for request in self._failed.named(None)]
        return [
            OpenRequest.model_validate(
                {
                    "id": request.id,
                    "type": request.type,
                    "to": request.to,
                    "standing": how,
                    "answers": _answers_of(request, answers),
                }
            )
            for how, request in standing
        ]

    def check(self, wanted: RawValue) -> None:
        """Raise the violation that answering would raise now, changing nothing.

        Raises:
            ArvoError: There is no such request, the event does not answer it, the machine is in no state to take it, or
                its contract refuses it.
        """
        resolution = resolution_of(wanted)
        if self._inbox.resolved.has(resolution.request):
            return
        if self._steps.closed:
            raise refusal("This orchestration is closed: nothing waits for an answer any more.")
        answer = self._answer(resolution, self._request(resolution), "rehearsed")
        if not self._steps.rehearse(answer):
            raise refusal(
                f"The machine does not take '{answer.type}' in its present state. Nothing was changed: the request "
                "stays as it is."
            )

    async def resolve(self, wanted: RawValue) -> Outcome:
        """Answer a request, whatever becomes of it elsewhere, and wait for what the orchestration makes of the answer.

        Raises:
            ArvoError: There is no such request, or the event does not answer it.
        """
        resolution = resolution_of(wanted)
        if self._inbox.resolved.has(resolution.request):
            return Outcome(Fate.DUPLICATE, reason=_REPEATED)
        request = self._request(resolution)
        answer = self._answer(resolution, request, str(workflow.uuid4()))
        self._withdraw(request, answer)
        delivery = self._inbox.join(answer)
        await workflow.wait_condition(lambda: delivery.outcome is not None)
        assert delivery.outcome is not None
        return delivery.outcome

    def _withdraw(self, request: ArvoEvent, answer: ArvoEvent) -> None:
        """Let nothing else come of a request; where another one of its id is open, answers to that still count."""
        if not self._emission.withdraw(request):
            self._failed.remove(request)
        if all(other.id != request.id for other in self._emission.requests()):
            self._inbox.resolved.add(answer)

    def _request(self, wanted: Resolution) -> ArvoEvent:
        """Return the request that is meant.

        Raises:
            ArvoError: There is none, or more than one.
        """
        answers = self._answers_by_request()
        pending = [*self._emission.requests(), *self._failed.named(None)]
        meant = [request for request in pending if wanted.request in (None, request.id)]
        found = [request for request in meant if wanted.type in _answers_of(request, answers)]
        if found and (wanted.request is not None or len({request.id for request in found}) == 1):
            return found[0]
        if found:
            raise refusal(f"Several requests are answered by '{wanted.type}': {_named(found)}. Say which one is meant.")
        if meant and wanted.request is not None:
            known = "', '".join(_answers_of(meant[0], answers))
            raise refusal(
                f"The request '{wanted.request}' is not answered by {shorten(wanted.type)}, but by '{known}'."
            )
        which = f"open or failed request {shorten(wanted.request)}" if wanted.request else "open or failed request"
        there = f"It has {_named(pending)}." if pending else "It has none at all."
        raise refusal(
            f"This orchestration has no {which} that {shorten(wanted.type)} answers. {there} A nested orchestration "
            "answers for itself: cure or terminate that one."
        )

    def _answer(self, wanted: Resolution, request: ArvoEvent, event_id: str) -> ArvoEvent:
        said = {"id": event_id, "type": wanted.type, "data": wanted.data, RESOLVED_BY: wanted.by}
        answer = answer_from_json(said, request, self._subject)
        check_fields(answer)
        if answer.to != self._orchestrator.source or answer.domain is not None:
            raise refusal(f"The answer to '{request.id}' goes to {shorten(answer.to)}, not to this orchestration.")
        return answer

    def _answers_by_request(self) -> dict[str, tuple[str, ...]]:
        """Return the types of answers by the types of requests."""
        version = ArvoOrchestrationSubject.parse(self._subject).orchestrator.version
        services = [
            accepted.contract for accepted in self._orchestrator.inputs(version).values() if accepted.role == "service"
        ]
        return {contract.accepts.type: (*contract.emits, contract.system_error.type) for contract in services}


def _answers_of(request: ArvoEvent, answers: dict[str, tuple[str, ...]]) -> list[str]:
    return list(answers.get(request.type, (system_error_type(request.type),)))


def _named(requests: Iterable[ArvoEvent]) -> str:
    named = [f"'{request.type}' ({request.id})" for request in requests]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + more
