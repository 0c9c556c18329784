"""The way to the Temporal server: Temporal's own settings, and a connection by them."""

from arvo_temporal.connection.connecting import connect
from arvo_temporal.connection.errors import ConnectError, SettingsError
from arvo_temporal.connection.settings import (
    DEFAULT_ADDRESS,
    DEFAULT_NAMESPACE,
    DEFAULT_TASK_QUEUE,
    Settings,
    load_settings,
    named_task_queue,
    task_queue,
)

__all__ = [
    "connect",
    "ConnectError",
    "DEFAULT_ADDRESS",
    "DEFAULT_NAMESPACE",
    "DEFAULT_TASK_QUEUE",
    "load_settings",
    "named_task_queue",
    "Settings",
    "SettingsError",
    "task_queue",
]
