"""How a namespace gets what it needs for orchestrations."""

from arvo_temporal.registration.attributes import register_attributes
from arvo_temporal.registration.errors import SetupError
from arvo_temporal.registration.setting_up import RETENTION, SetupReport, set_up

__all__ = ["register_attributes", "RETENTION", "set_up", "SetupError", "SetupReport"]
