"""How workflow code reaches the meter of its worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from temporalio import workflow
from temporalio.common import MetricMeter
from temporalio.worker import Interceptor, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

_EXTERN = "arvo_meter"


class MeteringInterceptor(Interceptor):
    """Makes a worker's meter reachable from workflow code.

    Args:
        meter: The meter, with the labels that all metrics of the worker have.
    """

    def __init__(self, meter: MetricMeter) -> None:
        self._meter = meter

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        input.unsafe_extern_functions[_EXTERN] = lambda: self._meter
        return None


def current_meter(orchestrator: str, version: str) -> MetricMeter:
    """Return the meter of this workflow, one that does nothing where its worker has none.

    It counts in a replay too, unlike Temporal's own: whoever uses it asks first whether to be silent.

    Args:
        orchestrator: The type of its orchestrator; empty where it is none.
        version: The version of that.
    """
    given = cast("Callable[[], MetricMeter] | None", workflow.extern_functions().get(_EXTERN))
    if given is None:
        return MetricMeter.noop
    return labelled(given(), orchestrator, version, workflow.info().workflow_type)


def labelled(meter: MetricMeter, orchestrator: str, version: str, workflow_type: str) -> MetricMeter:
    """Return a worker's meter with the labels of an orchestrator."""
    labels = {"orchestrator": orchestrator, "version": version, "workflow_type": workflow_type}
    return meter.with_additional_attributes(labels)
