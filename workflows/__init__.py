"""The workflow that is one orchestration, the one that sends what that leaves when it ends, and that of a schedule.

Its words, each for one thing: what comes by signals and updates *arrives*, waits in the inbox, and is *taken* out of it
when its turn comes. An event is *consumed* by the machine, a delayed transition *fires*, and what can be neither is
*refused*; the fate of each event is *entered* into the ledger. Produced events are *emitted*. What is open when a run
ends is *carried* to the next one and *restored* there. An orchestration is *closed* by its machine, or *abandoned*
because its workflow is cancelled.
"""

from workflows.metadata import MetadataInterceptor
from workflows.orchestration import OrchestrationWorkflow
from workflows.outbox_workflow import OutboxWorkflow
from workflows.schedule_workflow import ScheduleWorkflow

__all__ = ["MetadataInterceptor", "OrchestrationWorkflow", "OutboxWorkflow", "ScheduleWorkflow"]
