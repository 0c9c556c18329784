"""How workflow code reaches the app of its worker.

Temporal hands objects of a worker to workflow code through an interceptor's extern functions; that works in a
replayer too, and needs no module globals, so several apps live side by side in one process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from temporalio import workflow
from temporalio.worker import Interceptor, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

from adapter.app import ArvoApp

_EXTERN = "arvo_app"


class AppInterceptor(Interceptor):
    """Makes the app reachable from workflow code.

    Args:
        app: The app that the worker serves.
    """

    def __init__(self, app: ArvoApp) -> None:
        self._app = app

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        input.unsafe_extern_functions[_EXTERN] = lambda: self._app
        return None


def has_app() -> bool:
    """Tell whether the worker that runs this workflow code has an app."""
    return _EXTERN in workflow.extern_functions()


def current_app() -> ArvoApp:
    """Return the app of the worker that runs this workflow code."""
    extern = workflow.extern_functions()[_EXTERN]
    return cast("Callable[[], ArvoApp]", extern)()
