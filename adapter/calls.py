"""A call of a resumable's function on its way through Temporal: what it is given, and what it comes to.

The function runs in an activity. It is given the event, and of the record what its arguments need; its result is what
it has returned, of which the workflow makes the step. So a context goes in and comes out, and nothing else is there
twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from pydantic_core import to_json
from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from adapter.endings import root_cause
from adapter.errors import EventTooLargeViolation
from adapter.failures import as_violation, refusal
from adapter.limits import Limits
from adapter.payload import json_of, json_to_raw
from adapter.retried_errors import may_be_last, shortened_trace
from arvo.contracts import describe_error
from arvo.errors import ArvoError, ViolationError, error_name, retold
from arvo.orchestration import (
    ArvoResumable,
    OrchestrationRecord,
    ResumableCall,
    ResumableOutput,
    ResumableRecord,
    needed_for_call,
)
from arvo.telemetry import TraceHeaders
from arvo.wire import JsonError, read_json

_VIOLATION = "ViolationError<"
_KEPT_TEXT = 1024


class GivenRecord(NamedTuple):
    """What a call is given beside the event.

    Attributes:
        record: The record, as far as the arguments need it; None before the first step.
        arguments: The arguments that the workflow's worker knows the function to take.
        trace: The trace of the orchestration, for an event that has none.
    """

    record: ResumableRecord | None
    arguments: frozenset[str]
    trace: TraceHeaders

    @classmethod
    def of(
        cls, resumable: ArvoResumable, version: str, record: OrchestrationRecord | None, trace: TraceHeaders
    ) -> RawValue:
        """Return what a call of a function is given, as a payload."""
        arguments = resumable.arguments(version)
        needed = needed_for_call(cast("ResumableRecord | None", record), arguments)
        return json_to_raw({"record": needed, "arguments": list(arguments), **_written(trace)})

    @classmethod
    def read(cls, raw: RawValue) -> GivenRecord:
        """Read what a call is given.

        Raises:
            ArvoError: It is something else.
        """
        try:
            value = read_json(json_of(raw))
            return cls(value["record"], frozenset(value["arguments"]), _trace_in(value))
        except (JsonError, TypeError, KeyError) as error:
            raise refusal(f"A call of a resumable's function is given a record and arguments: {error}") from error


def call_result(call: ResumableCall, limits: Limits) -> dict[str, Any]:
    """Return what a call has come to as the result of its activity.

    Raises:
        EventTooLargeViolation: It is larger than a record may be.
    """
    size = len(to_json(call.output))
    if size > limits.record_bytes:
        largest = max(call.output, key=lambda part: len(to_json(call.output.get(part))))
        raise EventTooLargeViolation(
            f"What the function has returned has {size:,} bytes, most of them in its '{largest}'; the limit is "
            f"{limits.record_bytes:,} (Limits(record_bytes=)). Put what is large into a store of its own, and let the "
            "context say where it is (a claim check)."
        )
    return {"output": call.output, **_written(call.trace)}


def read_call(raw: RawValue) -> ResumableCall:
    """Read what a call has come to.

    Raises:
        ExecutionViolation: A worker of somebody else has answered something else.
    """
    try:
        value = read_json(json_of(raw))
    except (ArvoError, JsonError) as error:
        raise refusal(f"The answer of the activity is not that of a resumable's function: {error}") from error
    output = value.get("output") if isinstance(value, Mapping) else None
    if not isinstance(output, dict) or not _is_output(output):
        raise refusal("The answer of the activity is not that of a resumable's function.")
    return ResumableCall(cast("Any", output), _trace_in(value))


def failed_call(error: Exception, attempt: activity.Info, *, is_final: bool) -> ApplicationError:
    """Return the failure of a try whose function has raised.

    Args:
        error: What it has raised.
        attempt: The try.
        is_final: Whether it is not to be made again.
    """
    name, told = error_name(error), describe_error(error)
    if isinstance(error, ViolationError):
        return ApplicationError(str(error), type=name, non_retryable=is_final)
    if not is_final and not may_be_last(attempt, name):
        failure = ApplicationError(told["errorMessage"][:_KEPT_TEXT], type=name)
        return failure.with_traceback(shortened_trace(error.__traceback__))
    return ApplicationError(told["errorMessage"], told, type=name, non_retryable=is_final).with_traceback(
        error.__traceback__
    )


def raised_by_call(failure: FailureError) -> Exception:
    """Return what a call that has failed for good has raised: a violation, or an exception as it was described."""
    cause = failure.cause if isinstance(failure, ActivityError) and failure.cause is not None else failure
    if isinstance(cause, ApplicationError) and (cause.type or "").startswith(_VIOLATION):
        return as_violation(cause)
    told = cause.details[0] if isinstance(cause, ApplicationError) and len(cause.details) == 1 else None
    if isinstance(told, Mapping) and isinstance(told.get("errorName"), str):
        return retold(told["errorName"], _text(told, "errorMessage") or "", _text(told, "errorStack"))
    name, message = root_cause(failure)
    return retold(name, message, None)


def _is_output(output: Mapping[str, Any]) -> bool:
    services = output.get("services")
    return (
        output.keys() <= ResumableOutput.__annotations__.keys()
        and (services is None or (isinstance(services, list) and all(map(_is_emission, services))))
        and isinstance(output.get("output"), Mapping | None)
    )


def _is_emission(fields: Any) -> bool:
    return (
        isinstance(fields, Mapping)
        and isinstance(fields.get("type"), str)
        and isinstance(fields.get("data"), Mapping | None)
    )


def _written(trace: TraceHeaders) -> dict[str, str]:
    return {name: header for name, header in trace._asdict().items() if header}


def _trace_in(value: Mapping[str, Any]) -> TraceHeaders:
    return TraceHeaders(_text(value, "traceparent"), _text(value, "tracestate"))


def _text(value: Mapping[str, Any], key: str) -> str | None:
    text = value.get(key)
    return text if isinstance(text, str) else None
