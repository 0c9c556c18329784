"""What the Temporal UI is told of an orchestration when it asks: its details, and the signals that it takes.

The UI asks by a query of Temporal's own. Its answer is completed here: the details are made only then, and the one
handler that takes signals of any name is listed by the names that mean something.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.api.sdk.v1 import WorkflowInteractionDefinition, WorkflowMetadata
from temporalio.worker import HandleQueryInput, Interceptor, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

from adapter.payload import DELIVER_ALL_SIGNAL, DELIVER_SIGNAL
from workflows.orchestration import OrchestrationWorkflow

_METADATA = "__temporal_workflow_metadata"

_SIGNALS = {
    DELIVER_SIGNAL: "Delivers an ArvoEvent (JSON). What becomes of it, the query ledger tells.",
    DELIVER_ALL_SIGNAL: "Delivers several ArvoEvents in their order, each an argument.",
}


class MetadataInterceptor(Interceptor):
    """Completes what workers answer when the Temporal UI asks about an orchestration."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    async def handle_query(self, input: HandleQueryInput) -> Any:
        """See the base class."""
        answer = await super().handle_query(input)
        if input.query == _METADATA and isinstance(answer, WorkflowMetadata):
            asked = workflow.instance()
            if isinstance(asked, OrchestrationWorkflow):
                _complete(answer, asked)
        return answer


def _complete(metadata: WorkflowMetadata, asked: OrchestrationWorkflow) -> None:
    metadata.current_details = asked.details()
    definition = metadata.definition
    named = [signal for signal in definition.signal_definitions if signal.name]
    named += [WorkflowInteractionDefinition(name=name, description=said) for name, said in _SIGNALS.items()]
    del definition.signal_definitions[:]
    definition.signal_definitions.extend(sorted(named, key=lambda signal: signal.name))
