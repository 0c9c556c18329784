"""Whether the routing of Worker Versioning leaves unversioned workers without work."""

from __future__ import annotations

from shlex import quote

from temporalio.api.deployment.v1 import WorkerDeploymentVersion
from temporalio.api.taskqueue.v1 import TaskQueueVersioningInfo

_WHOLE = 100


def taken_by_a_version(routing: TaskQueueVersioningInfo, task_queue: str) -> str | None:
    """Return why unversioned workers of a task queue get no new work, and the cure; None if they get some.

    They do while no version is current, unless all of it is ramped to one; and while some of it is ramped to them.

    Args:
        routing: What the server says of the task queue.
        task_queue: Its name.
    """
    current, ramping = routing.current_deployment_version, routing.ramping_deployment_version
    share = routing.ramping_version_percentage
    if current.build_id:
        given_back = not ramping.build_id and share > 0
        return None if given_back else _said("current", current, task_queue, "--unversioned")
    if ramping.build_id and share >= _WHOLE:
        return _said("ramping", ramping, task_queue, f"--build-id {quote(ramping.build_id)} --delete")
    return None


def _said(kind: str, version: WorkerDeploymentVersion, task_queue: str, undo: str) -> str:
    deployment, build = version.deployment_name, version.build_id
    return (
        f"The {kind} version of the task queue '{task_queue}' is build '{build}' of deployment '{deployment}', and "
        f"this worker is unversioned: it gets no new work. Start it with  --deployment {quote(deployment)} --build "
        f"{quote(build)}, or unset the {kind} version:  temporal worker deployment set-{kind}-version "
        f"--deployment-name {quote(deployment)} {undo}"
    )
