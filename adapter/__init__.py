"""What client, workflow and activities agree on: how Arvo maps to Temporal.

Who uses one of these agreements imports its file; users find the public names in `arvo_temporal`.
"""

from adapter.app import ArvoApp
from adapter.identity import workflow_id
from adapter.limits import Limits
from adapter.policies import ChildPolicy, EmissionPolicy

__all__ = [
    "ArvoApp",
    "ChildPolicy",
    "EmissionPolicy",
    "Limits",
    "workflow_id",
]
