"""One call of a resumable's function, which may be made in one place and concluded in another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict, cast

from pydantic import BaseModel

from arvo.contracts import VersionedArvoContract
from arvo.errors import ExecutionViolation, described, nearest, shorten
from arvo.orchestration.memory import storable
from arvo.telemetry import TraceHeaders
from arvo.wire import JsonObject, to_plain_json

_OPTIONS = ("__id", "__domain", "__executionunits")
"""What a result may say of the event that reports it, beside its data."""


class ResumableOutput(TypedDict, total=False):
    """What the function of a resumable returns; all of it can be left out.

    Attributes:
        context: The new context, a JSON object or a model; left out, the old one stays.
        services: Events to send to services, in the form that a machine's `emit` takes.
        output: The result, which completes the orchestration.
    """

    context: JsonObject | BaseModel | None
    services: Sequence[Mapping[str, Any]]
    output: Mapping[str, Any] | BaseModel


class ResumableCall(NamedTuple):
    """What a call of the function has come to: plain JSON, and the span that what it sends continues."""

    output: ResumableOutput
    trace: TraceHeaders = TraceHeaders(None, None)


def checked_output(output: Any, function: str) -> ResumableOutput:
    """Return what a function has returned, if it is something that a step can be made of.

    Args:
        output: What it has returned.
        function: Its name, for the message.

    Raises:
        ExecutionViolation: It is something else: nobody would notice what is passed over.
    """
    problem = _problem(output)
    if problem:
        raise ExecutionViolation(
            f"{function} has returned {problem}. To fix: return nothing, or a mapping with any of 'context', "
            "'services' (a list of events such as {'type': 'com.bank.charge', 'data': {...}}) and 'output'."
        )
    return cast("ResumableOutput", output or {})


def _problem(output: Any) -> str | None:
    if output is None:
        return None
    if not isinstance(output, Mapping):
        return described(output)
    for key in output:
        if key not in ResumableOutput.__annotations__:
            near = nearest(key, ResumableOutput.__annotations__)
            return f"{shorten(key)}, which means nothing" + (f" (was '{near}' meant?)" if near else "")
    services, result = output.get("services"), output.get("output")
    if services is not None and (isinstance(services, str | bytes | Mapping) or not isinstance(services, Sequence)):
        return f"{described(services)} as 'services'"
    for position, service in enumerate(services or ()):
        if not isinstance(service, Mapping) or not isinstance(service.get("type"), str):
            return f"{described(service)} without a type as services[{position}]"
    if result is not None and not isinstance(result, Mapping | BaseModel):
        return f"{described(result)} as 'output'"
    return None


def plain_output(
    output: ResumableOutput, contract: VersionedArvoContract, services: Mapping[str, VersionedArvoContract]
) -> ResumableOutput:
    """Return what a function has returned as plain JSON, from which the same events are built.

    Args:
        output: What it has returned.
        contract: The own contract, in the version of the orchestration.
        services: Service contracts by the event type that calls the service.

    Raises:
        ExecutionViolation: JSON cannot carry it.
    """
    owner = f"resumable '{contract.accepts.type}'"
    plain: ResumableOutput = {}
    if (context := output.get("context")) is not None:
        plain["context"] = storable(context, "context", owner)
    if emissions := output.get("services"):
        plain["services"] = [
            storable(_plain_emission(fields, services), f"services[{position}]", owner)
            for position, fields in enumerate(emissions)
        ]
    if (result := output.get("output")) is not None:
        plain["output"] = storable(_plain_result(result, contract), "output", owner)
    return plain


def _plain_result(result: Mapping[str, Any] | BaseModel, contract: VersionedArvoContract) -> dict[str, Any]:
    options = {key: result[key] for key in _OPTIONS if key in result} if isinstance(result, Mapping) else {}
    data: dict[str, Any] = contract.emits[contract.metadata["completeEventType"]].validate(result)
    return {**data, **options}


def _plain_emission(fields: Mapping[str, Any], services: Mapping[str, VersionedArvoContract]) -> dict[str, Any]:
    data = fields.get("data")
    service = services.get(str(fields.get("type")))
    if service is not None:
        data = service.accepts.schema.validate(data)
    elif isinstance(data, BaseModel):
        data = to_plain_json(data)
    domain = fields.get("domain")
    listed = domain if domain is None or isinstance(domain, str) else list(domain)
    return {**fields, "data": data, "domain": listed}
