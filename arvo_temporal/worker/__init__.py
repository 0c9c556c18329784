"""Workers: one that serves an app, a supervisor of several, their capacity, health and traces."""

from arvo_temporal.worker.capacity import Capacity
from arvo_temporal.worker.health import check_served
from arvo_temporal.worker.serving import DevOptions, serve, serve_dev
from arvo_temporal.worker.supervisor import serve_supervised, supervise, supervisor_of_this_process

__all__ = [
    "Capacity",
    "check_served",
    "DevOptions",
    "serve",
    "serve_dev",
    "serve_supervised",
    "supervise",
    "supervisor_of_this_process",
]
