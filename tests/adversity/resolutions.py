"""What activities come to, as Temporal's core tells a workflow of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import ActivityFailureInfo, Failure
from temporalio.bridge.proto import activity_result
from temporalio.bridge.proto.activity_result import ActivityResolution
from temporalio.common import RawValue
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.calling import calling_activity
from adapter.app import ArvoApp


def completed(result: Payload) -> ActivityResolution:
    """Return that an activity has completed."""
    return ActivityResolution(completed=activity_result.Success(result=result))


def called(app: ArvoApp, type_: str, arguments: Sequence[Payload]) -> ActivityResolution:
    """Call the function of a resumable, as its activity does; what it raises is taken for its last try."""
    function = calling_activity(app, app.resumables[type_])
    try:
        made = asyncio.run(ActivityEnvironment().run(function, *map(RawValue, arguments)))
    except ApplicationError as error:
        return ActivityResolution(failed=activity_result.Failure(failure=_failure(error)))
    result = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(made).encode())
    return completed(result)


def _failure(error: ApplicationError) -> Failure:
    """Return how the server tells of an activity that has failed."""
    failure = Failure(message="Activity task failed", activity_failure_info=ActivityFailureInfo())
    converter = DataConverter.default
    converter.failure_converter.to_failure(error, converter.payload_converter, failure.cause)
    return failure
