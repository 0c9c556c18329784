"""What a list says of an orchestration."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temporalio.client import WorkflowExecution, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey

from adapter.identity import id_parts
from adapter.search_attributes import INITIATOR, ORCHESTRATOR, PARENT, ROOT, STATE, STATE_SINCE, TROUBLE
from arvo_temporal.client.filters import NO_WORKER, PROBLEMS, TASK_FAILING

_PROBLEMS = SearchAttributeKey.for_keyword_list(PROBLEMS)


@dataclass(frozen=True, slots=True)
class OrchestrationSummary:
    """What a list says of an orchestration. Without search attributes it is what the workflow id and the server tell.

    Attributes:
        workflow_id: Its workflow.
        orchestrator: The type of the orchestrator.
        version: Its version; None where the workflow id is not one of ours.
        key: The id of the execution; None where that is too long to stand in the workflow id.
        status: `running`, `completed`, `failed`, `canceled`, `terminated` or `timed_out`.
        started: When it was started.
        closed: When it was closed; None while it is open.
        trouble: The kinds of its troubles: `refused`, `unhandled`, `failed`, `task-failing`, `no-worker`.
        tells_trouble: Whether the first three are told here: not of what was started without search attributes.
        state: The paths of its active states, outer ones first; empty where its app does not have them in lists.
        state_since: When these were entered.
        parent: The workflow id of its parent.
        root: The workflow id of the orchestration at the top of its tree; None where that is itself.
        initiator: Who has started it.
        task_queue: The task queue that it waits for.
    """

    workflow_id: str
    orchestrator: str
    version: str | None
    key: str | None
    status: str
    started: datetime
    closed: datetime | None
    trouble: tuple[str, ...]
    tells_trouble: bool
    state: tuple[str, ...]
    state_since: datetime | None
    parent: str | None
    root: str | None
    initiator: str | None
    task_queue: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON: times in ISO 8601, without what is not known."""
        values = {name: _as_json(getattr(self, name)) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value is not None}


def summary_of(execution: WorkflowExecution, unserved: Collection[str], *, is_failing: bool) -> OrchestrationSummary:
    """Return what a list says of an orchestration.

    Args:
        execution: What the server says.
        unserved: The task queues that no worker serves.
        is_failing: Whether its workflow task is known to keep failing, beside what the server says there.
    """
    status = execution.status
    is_open = status is WorkflowExecutionStatus.RUNNING
    failing = is_open and (is_failing or bool(_value(execution, _PROBLEMS)))
    stranded = is_open and execution.task_queue in unserved
    parts = id_parts(execution.id)
    return OrchestrationSummary(
        workflow_id=execution.id,
        orchestrator=execution.workflow_type,
        version=parts.version if parts else None,
        key=parts.key if parts else None,
        status=status.name.lower() if status else "unknown",
        started=execution.start_time,
        closed=execution.close_time,
        trouble=(
            *(_value(execution, TROUBLE) or ()),
            *([TASK_FAILING] if failing else ()),
            *([NO_WORKER] if stranded else ()),
        ),
        tells_trouble=_value(execution, ORCHESTRATOR) is not None,
        state=tuple(_value(execution, STATE) or ()),
        state_since=_value(execution, STATE_SINCE),
        parent=_value(execution, PARENT) or execution.parent_id,
        root=_value(execution, ROOT) or (execution.root_id if execution.root_id != execution.id else None),
        initiator=_value(execution, INITIATOR),
        task_queue=execution.task_queue,
    )


def _value(execution: WorkflowExecution, key: SearchAttributeKey[Any]) -> Any:
    return execution.typed_search_attributes.get(key)


def _as_json(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return list(value)
    return value
