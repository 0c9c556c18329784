"""What a worker or a dev server says of itself when it has started."""

from __future__ import annotations

from rich.table import Table
from temporalio.client import Client

from arvo_temporal.dev_server import DevServer
from arvo_temporal.worker.options import DevServerOptions, WorkerOptions


def describe_worker(options: WorkerOptions, client: Client, dev_server: DevServer | None) -> Table:
    """Return what a worker serves and where, as a table of names and values."""
    app, facts = options.app, _facts()
    for source, orchestrator in app.orchestrators.items():
        facts.add_row("orchestrator", f"{source}  {', '.join(m.version for m in orchestrator.registry.machines)}")
    for source, handler in app.handlers.items():
        facts.add_row("handler", f"{source}  {', '.join(handler.contract.versions)}")
    for domain in app.publishers:
        facts.add_row("publisher", f"domain {domain}" if domain is not None else "events without a domain")
    for kind, members in (("workflow", app.workflows), ("activity", app.activities)):
        for member in members:
            facts.add_row(kind, f"{member.__module__}.{getattr(member, '__qualname__', type(member).__qualname__)}")
    for source, elsewhere in app.task_queues.items():
        facts.add_row("elsewhere", f"{source}  on {elsewhere}")
    facts.add_row("task queue", options.task_queue)
    if options.build is not None:
        facts.add_row("deployment", options.build.deployment_name)
        facts.add_row("build", options.build.build_id)
    facts.add_row("namespace", client.namespace)
    facts.add_row("Temporal", client.service_client.config.target_host)
    if dev_server is not None:
        facts.add_row("Temporal UI", dev_server.ui_url)
    if options.processes is not None:
        facts.add_row("processes", str(options.processes))
    return facts


def describe_dev_server(options: DevServerOptions, dev_server: DevServer) -> Table:
    """Return where a dev server is, as a table of names and values."""
    facts = _facts()
    facts.add_row("Temporal", dev_server.address)
    facts.add_row("Temporal UI", dev_server.ui_url)
    facts.add_row("database", str(options.db_file or "in memory, lost at the end"))
    return facts


def _facts() -> Table:
    """Return a table without lines: what it is, and its value."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    return table
