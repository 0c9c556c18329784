"""What a namespace needs for orchestrations: whether it has it, and how it gets it."""

from arvo_temporal.registration.attributes import has_attributes, knows, register_attributes
from arvo_temporal.registration.errors import SetupError
from arvo_temporal.registration.setting_up import RETENTION, SetupReport, set_up

__all__ = ["has_attributes", "knows", "register_attributes", "RETENTION", "set_up", "SetupError", "SetupReport"]
