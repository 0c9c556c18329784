"""Workers: one that serves an app, a supervisor of several, their capacity, health and traces."""

from arvo_temporal.worker.capacity import Capacity
from arvo_temporal.worker.health import check_served
from arvo_temporal.worker.listen_address import ListenAddress
from arvo_temporal.worker.options import DevServerOptions, WorkerOptions
from arvo_temporal.worker.runtime import use_runtime
from arvo_temporal.worker.serving import serve, serve_dev
from arvo_temporal.worker.supervised import Supervisor, serve_supervised, supervisor_of_this_process
from arvo_temporal.worker.supervisor import supervise
from arvo_temporal.worker.temporal_server import new_dev_server, wait_for_stop

__all__ = [
    "Capacity",
    "check_served",
    "DevServerOptions",
    "ListenAddress",
    "new_dev_server",
    "serve",
    "serve_dev",
    "serve_supervised",
    "supervise",
    "Supervisor",
    "supervisor_of_this_process",
    "use_runtime",
    "wait_for_stop",
    "WorkerOptions",
]
