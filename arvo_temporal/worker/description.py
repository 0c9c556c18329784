"""What a worker or a dev server says of itself when it has started."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text
from temporalio.client import Client

from adapter.members import AnyHandler
from adapter.plain_text import plain_text
from arvo import ArvoEventHandler, ArvoEventRouter
from arvo_temporal.dev_server import DevServer
from arvo_temporal.worker.options import DevServerOptions, WorkerOptions


def describe_worker(
    options: WorkerOptions, client: Client, dev_server: DevServer | None, health: str | None = None
) -> Table:
    """Return what a worker serves and where, as a table of names and values."""
    app, facts = options.app, _Facts()
    for source, orchestrator in app.orchestrators.items():
        kind = "resumable" if source in app.resumables else "orchestrator"
        facts.add(kind, f"{source}  {', '.join(orchestrator.versions)}")
    for source, handler in app.handlers.items():
        facts.add(*_describe_handler(source, handler))
    for domain in app.publishers:
        facts.add("publisher", f"domain {domain}" if domain is not None else "events without a domain")
    for kind, members in (("workflow", app.workflows), ("activity", app.activities)):
        for member in members:
            facts.add(kind, f"{member.__module__}.{getattr(member, '__qualname__', type(member).__qualname__)}")
    for source, elsewhere in app.task_queues.items():
        facts.add("elsewhere", f"{source}  on {elsewhere}")
    facts.add("task queue", options.task_queue)
    if options.build is not None:
        facts.add("deployment", options.build.deployment_name)
        facts.add("build", options.build.build_id)
    facts.add("namespace", client.namespace)
    facts.add("Temporal", client.service_client.config.target_host)
    if dev_server is not None:
        facts.add("Temporal UI", dev_server.ui_url)
    if options.processes is not None:
        facts.add("processes", str(options.processes))
    if health is not None:
        facts.add("health", f"{health}/livez  /readyz")
    if options.metrics is not None:
        facts.add("metrics", options.metrics)
    return facts.table


def describe_dev_server(options: DevServerOptions, dev_server: DevServer) -> Table:
    """Return where a dev server is, as a table of names and values."""
    facts = _Facts()
    facts.add("namespace", dev_server.namespace)
    facts.add("Temporal", dev_server.address)
    facts.add("Temporal UI", dev_server.ui_url)
    facts.add("database", str(options.db_file or "in memory, lost at the end"))
    return facts.table


def _describe_handler(source: str, handler: AnyHandler) -> tuple[str, str]:
    match handler:
        case ArvoEventHandler():
            return "handler", f"{source}  {', '.join(handler.contract.versions)}"
        case ArvoEventRouter():
            return "router", f"{source}  {', '.join(handler.handlers)}"
    return "multi handler", source


class _Facts:
    """A table without lines: what it is, and its value as it is, since rich would take brackets for markup."""

    def __init__(self) -> None:
        self.table = Table.grid(padding=(0, 2))
        self.table.add_column(style="bold")
        self.table.add_column(overflow="fold")

    def add(self, name: str, value: str | None) -> None:
        self.table.add_row(name, Text(plain_text(value or "")))
