"""What a machine completes with, beside what its contract promises; as far as it shows without running."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, RootModel
from typing_extensions import is_typeddict  # that of typing knows no TypedDict of typing_extensions before 3.13

from arvo.checking.checked import CheckedMachine
from arvo.checking.findings import Finding, Severity
from arvo.errors import InvalidPayloadError
from arvo.statechart.authoring import UNREAD, read
from arvo.statechart.running import StateNode
from arvo.wire import PayloadSchema


def check_output(machine: CheckedMachine) -> Iterator[Finding]:
    """Find a machine whose final states complete with what the contract refuses, or with nothing."""
    finals = _finals(machine)
    schema = machine.own.emits.get(machine.completion)
    if not finals or schema is None:
        return
    output = machine.logic.config.get("output")
    if output is None or output == {}:
        if machine.completion not in machine.behaviour.emitted and not machine.behaviour.emits_unknown:
            yield _silent(machine, finals[0])
        return
    problem = _problem(schema, output)
    if problem:
        yield machine.finding(
            Severity.ERROR,
            "wrong-output",
            f"the output does not fit the contract's completion '{machine.completion}': {problem}",
            "give 'output' what the contract has under 'complete', or change the contract",
            path="output",
            state=finals[0].id,
            event=machine.completion,
        )


def _finals(machine: CheckedMachine) -> list[StateNode]:
    unreachable = machine.logic.unreachable_states()
    return [node for node in machine.logic.root.children if node.type == "final" and node not in unreachable]


def _silent(machine: CheckedMachine, final: StateNode) -> Finding:
    return machine.finding(
        Severity.WARNING,
        "no-output",
        f"the machine has no output, so nobody gets '{machine.completion}' when it ends in {final.id!r}",
        "give the machine an 'output' that fits the contract's completion",
        path="output",
        state=final.id,
        event=machine.completion,
    )


def _problem(schema: PayloadSchema[Any], output: Any) -> str:
    """What is certainly wrong with an output; empty if nothing is, or if only running tells."""
    if isinstance(output, Mapping):
        fields: Mapping[str, Any] | None = output
    else:
        fields = read(output).returned if callable(output) else None
    if fields is None or not _is_plain_object(schema.type):
        return ""
    unknown = {key for key, value in fields.items() if value is UNREAD}
    try:
        schema.parse({key: None if key in unknown else value for key, value in fields.items()})
    except InvalidPayloadError as error:
        # A path into what is computed, or into nothing at all, says nothing.
        certain = [path for path in error.paths if path and path.partition(".")[0] not in unknown]
        return "; ".join(_wrong(path, fields) for path in certain)
    return ""


def _wrong(path: str, fields: Mapping[str, Any]) -> str:
    return f"{path!r} does not fit" if path.partition(".")[0] in fields else f"{path!r} is missing"


def _is_plain_object(type_: Any) -> bool:
    """Whether each key of the data is a field of its own, and nothing but its value decides about it."""
    if is_typeddict(type_):
        return True
    if not (isinstance(type_, type) and issubclass(type_, BaseModel)) or issubclass(type_, RootModel):
        return False
    decorators = type_.__pydantic_decorators__
    return not decorators.model_validators and not decorators.field_validators
