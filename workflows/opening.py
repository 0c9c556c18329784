"""Whether a workflow can be the orchestration that its input names: the input has to fit it, and the worker too."""

from __future__ import annotations

from temporalio import workflow

from adapter.app import AnyOrchestrator, ArvoApp
from adapter.failures import AwaitsDeploymentError, refusal
from adapter.identity import workflow_id
from adapter.limits import check_fields
from adapter.scheduling import scheduled_by
from arvo.events import ArvoEvent, ArvoOrchestrationSubject, SubjectContent
from workflows.carried_state import CarriedState
from workflows.compatibility import check_fits


def find_orchestrator(app: ArvoApp, init: ArvoEvent, carried: CarriedState | None) -> AnyOrchestrator:
    """Return the orchestrator of the orchestration that this workflow is.

    Args:
        app: The app of the worker.
        init: The event that started the orchestration.
        carried: What an earlier run has left; None in the first run.

    Raises:
        ArvoError: If the input does not fit the workflow: another subject's id, another type, no init event, too long
            a field.
        AwaitsDeploymentError: If this worker has not the orchestrator or its version, or one that does not fit the
            carried state. That fails the workflow task, not the workflow: Temporal tries again until a worker that has
            it is deployed.
    """
    check_fields(init)
    content = ArvoOrchestrationSubject.parse(init.subject)
    _check_workflow(init, content)
    orchestrator = app.orchestrators.get(content.orchestrator.name)
    version = content.orchestrator.version
    if orchestrator is None or version not in orchestrator.versions:
        raise AwaitsDeploymentError(
            f"This worker has no orchestrator '{content.orchestrator.name}' of version "
            f"{version}. Deploy a worker whose app has it; until then this orchestration waits."
        )
    if carried is not None and carried.record is not None:
        check_fits(orchestrator, version, carried.record)
    return orchestrator


def _check_workflow(init: ArvoEvent, content: SubjectContent) -> None:
    info = workflow.info()
    expected = workflow_id(init.subject)
    if info.workflow_type != content.orchestrator.name or init.type != content.orchestrator.name:
        raise refusal(
            f"The workflow type is '{info.workflow_type}', the event's type is '{init.type}' and its subject names "
            f"'{content.orchestrator.name}': they must be one. Start the workflow type "
            f"'{content.orchestrator.name}' with its own init event."
        )
    if info.workflow_id == expected:
        return
    scheduled = scheduled_by(info.typed_search_attributes)
    if scheduled is not None:
        raise refusal(
            f"The schedule '{scheduled[0]}' has started this with the workflow id '{info.workflow_id}', to which "
            f"Temporal adds the time; an orchestration has the id of its subject, '{expected}'. Make the schedule with"
            f"  arvo-temporal schedule create MODULE:APP {init.type} --every 1h --data ...  instead: it gives each "
            "time a subject of its own."
        )
    raise refusal(
        f"The workflow id is '{info.workflow_id}', but the id of this event's subject is '{expected}'. "
        f"Start it with --workflow-id '{expected}', so that events of the subject find it."
    )
