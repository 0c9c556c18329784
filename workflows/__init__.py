"""The orchestration workflow, and what it carries from run to run."""

from workflows.orchestration import OrchestrationWorkflow

__all__ = ["OrchestrationWorkflow"]
