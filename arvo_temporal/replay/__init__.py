"""Histories, and what an app's present code makes of them: steps, checks of a deployment, the guard in workers."""

from arvo_temporal.replay.check import RunCheck, check_run
from arvo_temporal.replay.deploy_check import checks_on_server, history_from_file, running_query
from arvo_temporal.replay.deployment_guard import DeploymentGuard
from arvo_temporal.replay.end_guard import EndGuard
from arvo_temporal.replay.history import replayed_steps
from arvo_temporal.replay.ledgers import replayed_ledger, replayed_view
from arvo_temporal.replay.runs import PAGE_SIZE, payloads_of_run, runs_backwards, runs_of

__all__ = [
    "check_run",
    "checks_on_server",
    "DeploymentGuard",
    "EndGuard",
    "history_from_file",
    "PAGE_SIZE",
    "payloads_of_run",
    "replayed_ledger",
    "replayed_steps",
    "replayed_view",
    "RunCheck",
    "running_query",
    "runs_backwards",
    "runs_of",
]
