"""The Temporal plugin: one object that makes a client, a worker or a replayer run an Arvo app."""

from __future__ import annotations

from dataclasses import replace

from temporalio.client import Client
from temporalio.common import MetricMeter, VersioningBehavior
from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime
from temporalio.worker import ReplayerConfig, WorkerConfig

from activities import ThreadsInterceptor, emission_activities, threads_of
from adapter.app import ArvoApp
from adapter.codec import app_client, app_converter
from adapter.errors import AppError
from adapter.metering import MeteringInterceptor
from adapter.runtime import AppInterceptor
from adapter.silence import SilentInterceptor
from adapter.worker_identity import default_identity, worker_identity
from arvo.errors import described
from arvo_temporal.log_context import log_in_context
from arvo_temporal.one_line_log import log_in_one_line
from arvo_temporal.orchestration_runner import OrchestrationRunner
from arvo_temporal.plain_workflows import PlainWorkflowInterceptor, with_arvo
from arvo_temporal.replay import DeploymentGuard, EndGuard
from workflows import MetadataInterceptor, OrchestrationWorkflow, OutboxWorkflow, ScheduleWorkflow
from workflows.meters import begin_at_zero


class ArvoPlugin(SimplePlugin):
    """Registers an app's orchestrations, emissions, and plain workflows and activities.

    Give it to `Client.connect(plugins=[...])`, whose workers then have it too, or to a `Worker` or `Replayer`.

    With Worker Versioning (`Worker(deployment_config=...)`) orchestrations are pinned to the build that has begun them,
    unless the `default_versioning_behavior` of the configuration says otherwise; so are workflows of the app that do
    not say it themselves.

    Args:
        app: The app to run.

    Raises:
        AppError: It is none.
    """

    def __init__(self, app: ArvoApp) -> None:
        if not isinstance(app, ArvoApp):
            raise AppError(f"ArvoPlugin takes an ArvoApp, not {described(app)}.")
        super().__init__(
            "arvo.ArvoPlugin",
            data_converter=lambda converter: app_converter(app, converter),
            workflows=[OrchestrationWorkflow, OutboxWorkflow, ScheduleWorkflow, *app.workflows],
            activities=[*emission_activities(app), *app.activities],
            workflow_runner=with_arvo,
            interceptors=[AppInterceptor(app), MetadataInterceptor(), PlainWorkflowInterceptor()],
        )
        self.app = app
        log_in_one_line()
        log_in_context()

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """See the base class; a worker whose client lacks this plugin gets the app's codec too, and each threads."""
        config = super().configure_worker(config)
        client = app_client(config["client"], self.app)
        threads = threads_of(config)
        meter = _meter(client, config["task_queue"])
        begin_at_zero(meter, self.app)
        interceptors = [
            *(ThreadsInterceptor(threads), MeteringInterceptor(meter)),
            *(DeploymentGuard(self.app), EndGuard(client)),
        ]
        return {
            **config,
            **_pinned(config),
            "client": client,
            "identity": config.get("identity") or self._identity(client),
            "unsandboxed_workflow_runner": OrchestrationRunner(config.get("unsandboxed_workflow_runner")),
            "activity_executor": config.get("activity_executor") or threads,
            "interceptors": [*config.get("interceptors", ()), *interceptors],
        }

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        """See the base class; what a replayer's orchestrations do is neither logged nor counted."""
        config = super().configure_replayer(config)
        return {
            **config,
            "unsandboxed_workflow_runner": OrchestrationRunner(config.get("unsandboxed_workflow_runner")),
            "interceptors": [*config.get("interceptors", ()), SilentInterceptor()],
        }

    def _identity(self, client: Client) -> str | None:
        """Return an identity that names the app, where the client has the one that Temporal gives by itself."""
        return worker_identity(self.app) if client.service_client.config.identity == default_identity() else None


def _meter(client: Client, task_queue: str) -> MetricMeter:
    """Return the meter of a worker, with the labels that the SDK's own metrics have."""
    runtime = client.service_client.config.runtime or Runtime.default()
    return runtime.metric_meter.with_additional_attributes({"namespace": client.namespace, "task_queue": task_queue})


def _pinned(config: WorkerConfig) -> WorkerConfig:
    """Return the versioning of a versioned worker, with what holds where a workflow says nothing."""
    deployment = config.get("deployment_config")
    if deployment is None or not deployment.use_worker_versioning:
        return {}
    said = deployment.default_versioning_behavior
    behavior = VersioningBehavior.PINNED if said == VersioningBehavior.UNSPECIFIED else said
    return {"deployment_config": replace(deployment, default_versioning_behavior=behavior)}
