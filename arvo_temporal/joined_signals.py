"""Hands a pile of signals to an orchestration as one.

The SDK begins a task for each signal of a workflow task before the first is handled, and gives all of it two seconds.
The ten thousand that a server takes need that long: the task fails, and the worker may be stuck with it for good.
Joined they need a quarter. A replay has the same signals in the same workflow task, and an orchestration consumes them
in the same order, joined or not.
"""

from __future__ import annotations

from temporalio.bridge.proto.workflow_activation import SignalWorkflow, WorkflowActivation, WorkflowActivationJob

from adapter.payload import DELIVER_ALL_SIGNAL, DELIVER_SIGNAL

_PILE = 100
"""So many jobs of one workflow task are a pile; of fewer each signal stands alone, as interceptors may expect."""


def join_signals(act: WorkflowActivation) -> None:
    """Put the events of signals that follow each other in a pile into one signal; one that has headers stays alone."""
    if len(act.jobs) < _PILE:
        return
    jobs = list[WorkflowActivationJob]()
    open_signal: SignalWorkflow | None = None
    for job in act.jobs:
        if not job.HasField("signal_workflow"):
            # An update stands in one order with the signals; nothing else does.
            open_signal = None if job.HasField("do_update") else open_signal
            jobs.append(job)
        elif not _brings_events(job.signal_workflow):
            open_signal = None
            jobs.append(job)
        elif open_signal is None:
            open_signal = job.signal_workflow
            jobs.append(job)
        else:
            open_signal.signal_name = DELIVER_ALL_SIGNAL
            open_signal.input.extend(job.signal_workflow.input)
    if len(jobs) < len(act.jobs):
        del act.jobs[:]
        act.jobs.extend(jobs)


def _brings_events(signal: SignalWorkflow) -> bool:
    """Tell whether all that it has are events, as `workflows.arguments.texts_of_signal` reads them, and no headers."""
    number = len(signal.input)
    fits = {DELIVER_SIGNAL: number == 1, DELIVER_ALL_SIGNAL: number > 0}
    return fits.get(signal.signal_name, False) and not signal.headers
