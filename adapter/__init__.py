"""What client, workflow and activities agree on: how Arvo maps to Temporal.

Who uses one of these agreements imports its file; users find the public names in `arvo_temporal`.
"""

from adapter.app import ArvoApp, ChildPolicy, EmissionPolicy, Limits
from adapter.identity import workflow_id

__all__ = [
    "ArvoApp",
    "ChildPolicy",
    "EmissionPolicy",
    "Limits",
    "workflow_id",
]
