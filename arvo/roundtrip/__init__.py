"""What pydantic writes as JSON and what it reads back: which types lose something on that way, and where."""

from arvo.roundtrip.differences import describe, first_difference, unwritable_field
from arvo.roundtrip.losses import depends_on_values, find_losses, find_secrets, untyped_fields, writes_json_in_json
from arvo.roundtrip.samples import samples_of
from arvo.roundtrip.trip import Loss, Trip

__all__ = [
    "depends_on_values",
    "describe",
    "find_losses",
    "find_secrets",
    "first_difference",
    "Loss",
    "samples_of",
    "Trip",
    "untyped_fields",
    "unwritable_field",
    "writes_json_in_json",
]
