"""Where workflow code says nothing: what happens there has happened before, or does not count."""

from __future__ import annotations

from temporalio import workflow
from temporalio.worker import Interceptor, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

_EXTERN = "arvo_silent"


class SilentInterceptor(Interceptor):
    """Silences a replayer: to it, what waits at the end of a history is new, though no worker has seen it yet."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        input.unsafe_extern_functions[_EXTERN] = lambda: None
        return None


def is_silent() -> bool:
    """Tell, in workflow code, whether nothing is to be logged or counted.

    That is in a replay, in a replayer, and where nothing may change: in queries, and in updates at the door.
    """
    unsafe = workflow.unsafe
    return unsafe.is_replaying() or unsafe.is_read_only() or _EXTERN in workflow.extern_functions()
