"""Failures of Temporal as exceptions, also where their details cannot be read.

Whoever fails an activity or a workflow, of any team, may put anything into the details. If reading them raised, the
workflow task that learns of the failure would fail, again and again.
"""

from __future__ import annotations

from temporalio.api.failure.v1 import Failure
from temporalio.converter import (
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    FailureConverter,
    PayloadConverter,
)


class LenientFailureConverter(DefaultFailureConverter):
    """Temporal's own converter, which leaves out details that cannot be read."""

    def from_failure(self, failure: Failure, payload_converter: PayloadConverter) -> BaseException:
        """See the base class."""
        try:
            return super().from_failure(failure, payload_converter)
        except Exception:
            return super().from_failure(_without_details(failure), payload_converter)


class LenientEncodedFailureConverter(LenientFailureConverter):
    """The same, with messages and stack traces where a codec encodes them."""

    def __init__(self) -> None:
        super().__init__(encode_common_attributes=True)


def lenient(converter: type[FailureConverter], *, encoded: bool) -> type[FailureConverter]:
    """Return the lenient converter in place of Temporal's own; one of somebody else's stays.

    Args:
        converter: The class of a failure converter.
        encoded: Whether messages and stack traces are to go through a codec.
    """
    if converter is DefaultFailureConverterWithEncodedAttributes:
        return LenientEncodedFailureConverter
    if converter in (DefaultFailureConverter, LenientFailureConverter):
        return LenientEncodedFailureConverter if encoded else LenientFailureConverter
    return converter


def _without_details(failure: Failure) -> Failure:
    bare = Failure()
    bare.CopyFrom(failure)
    match failure.WhichOneof("failure_info"):
        case "application_failure_info":
            bare.application_failure_info.ClearField("details")
        case "canceled_failure_info":
            bare.canceled_failure_info.ClearField("details")
        case "timeout_failure_info":
            bare.timeout_failure_info.ClearField("last_heartbeat_details")
    return bare
