"""Runs the vectors of the categories setup, orchestrator, handler and resumable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from arvo.contracts import (
    ArvoContract,
    VersionedArvoContract,
    create_arvo_event_factory,
    create_arvo_orchestrator_event_factory,
)
from arvo.errors import ConfigViolation, InvalidValueError, ViolationError
from arvo.events import ArvoEvent, create_arvo_event
from arvo.events.subject import ArvoOrchestrationSubject
from arvo.handling.handler import ArvoEventHandler
from arvo.orchestration.transaction import TransactionViolation
from arvo.statechart import GuardError
from tests.conformance.comparison import Comparison
from tests.conformance.expressions import evaluate, make_error, read
from tests.conformance.machines import build_machine
from tests.conformance.nodes import FaultyMemory, Node, build_node
from tests.conformance.schemas import to_contract

Json = dict[str, Any]


def run_setup(line: Json) -> str | None:
    """Set up and create a machine; the first difference to what is expected, or None."""
    contracts = _contracts(line)
    try:
        machine = build_machine(line, contracts, setup=line["setup"])
    except ConfigViolation as error:
        return None if not line["ok"] and _mentions(line, str(error)) else f"refused: {error}"
    if not line["ok"]:
        return f"accepted, but {line['category']} is to be refused"
    actual = {
        "id": machine.id,
        "version": machine.version,
        "source": machine.source,
        "requiresResourceLocking": machine.requires_resource_locking,
    }
    return None if actual == line["machine"] else f"machine: {actual} instead of {line['machine']}"


def run_scenario(line: Json) -> str | None:
    """Run the steps of a scenario; the first difference to what is expected, or None."""
    return asyncio.run(Scenario(line).run()) or asyncio.run(Scenario(line, broadcast=True).run())


CATEGORIES: dict[str, Callable[[Json], str | None]] = {
    "setup": run_setup,
    "orchestrator": run_scenario,
    "handler": run_scenario,
    "resumable": run_scenario,
}

_CURES = {
    "actors": "'actors'",
    "delays": "'delays'",
    "reserved-action": "'enqueueArvoEvent'",
    "reserved-action-in-config": "'enqueueArvoEvent'",
    "duplicate-service-uri": "unique URIs",
    "self-as-service": "itself",
    "version-mismatch": "Version mismatch",
    "invoke": "'invoke'",
    "after": "'after'",
}


def _mentions(line: Json, message: str) -> bool:
    location = line.get("location")
    return _CURES[line["category"]] in message and (location is None or f"Location: {location}\n" in message)


def _contracts(line: Json) -> Mapping[str, ArvoContract]:
    return {name: to_contract(spec) for name, spec in line["contracts"].items()}


class Scenario:
    """One run of a line.

    With `broadcast`, system errors go where they go if nothing is configured, and only their domains are compared.
    """

    def __init__(self, line: Json, *, broadcast: bool = False) -> None:
        self.line = line
        self.broadcast = broadcast
        self.contracts = _contracts(line)
        self.memory = FaultyMemory()
        self.comparison = Comparison()
        self.done: list[Json] = []

    async def run(self) -> str | None:
        """Build the nodes and make all steps; the first difference to what is expected, or None."""
        expected = self.line["expect"]
        nodes: dict[str, Node] = {}
        for name, spec in self.line["nodes"].items():
            difference = self._build(name, spec, expected["nodes"][name], nodes)
            if difference:
                return f"node {name}: {difference}"
        return await self.run_steps(nodes)

    async def run_steps(self, nodes: Mapping[str, Node]) -> str | None:
        """Make all steps; the first difference to what is expected, or None."""
        expected = self.line["expect"]
        for index, (step, outcome) in enumerate(zip(self.line["steps"], expected["steps"], strict=False)):
            difference = await self.step(nodes[step["at"]], step, outcome)
            if difference:
                return f"step {index}: {difference}"
        return None

    def _build(self, name: str, spec: Json, expected: Json, nodes: dict[str, Node]) -> str | None:
        try:
            node = build_node(spec, self.line, self.contracts, self.memory, broadcast=self.broadcast)
        except Exception as error:
            wanted = expected.get("error")
            return error_difference(wanted, error) if wanted else f"cannot be built: {error!r}"
        if "error" in expected:
            return "could be built"
        nodes[name] = node
        actual: Json = {"source": node.source, "domain": node.domain, "systemErrorType": node.system_error_type}
        if not isinstance(node, ArvoEventHandler):
            actual["requiresResourceLocking"] = node.requires_resource_locking
        return self.comparison.difference(expected, actual)

    async def step(self, node: Node, step: Json, expected: Json) -> str | None:
        """Make one step; the first difference to what is expected, or None."""
        event = self._event(step["event"])
        produced: list[ArvoEvent] = []
        self.done.append({"input": event, "events": produced})
        if step.get("holdLock"):
            await self.memory.lock(event.subject)
        self.memory.fault = step.get("fault")
        raised: Exception | None = None
        try:
            produced += await self.execute(node, event, step)
        except Exception as error:
            raised = error
        self.memory.fault = None
        locked = self.memory.is_locked(event.subject)
        record = await self.read(event.subject)
        await self.memory.unlock(event.subject)
        if self.broadcast:
            return _domain_difference(expected.get("systemErrorFallback304"), produced)
        return (
            self._compare("input", expected["input"], event.to_json())
            or self._raised(expected.get("error"), raised)
            or self._events(expected.get("events"), produced)
            or self._record(expected, record, locked)
        )

    async def execute(self, node: Node, event: ArvoEvent, step: Json) -> list[ArvoEvent]:
        """Let a node consume the event of a step."""
        return (await node.execute(event, step.get("otel"))).events

    async def read(self, subject: str) -> Any:
        """Return the record of an orchestration, or None."""
        return await self.memory.read(subject)

    def _compare(self, what: str, expected: Any, actual: Any) -> str | None:
        return self.comparison.difference(expected, actual, what)

    def _raised(self, expected: Json | None, error: Exception | None) -> str | None:
        if expected is None:
            return None if error is None else f"raised {error!r}"
        return f"raised nothing instead of {expected}" if error is None else error_difference(expected, error)

    def _events(self, expected: list[Json] | None, produced: list[ArvoEvent]) -> str | None:
        if expected is None:
            return f"produced {produced}" if produced else None
        return self._compare("events", adapt_errors(expected, produced), [event.to_json() for event in produced])

    def _record(self, expected: Json, actual: Json | None, locked: bool) -> str | None:
        if "record" not in expected:
            return None
        if locked != expected["lockedAfter"]:
            return f"locked afterwards: {locked}"
        record = _expand(expected["record"], expected)
        if record is not None and actual is not None and "error" in record:
            wanted = record["error"].get("$error", record["error"])
            if not _same_error(wanted, actual["error"]["name"], actual["error"]["message"]):
                return f"record.error: {actual['error']} instead of {wanted}"
            record = {**record, "error": actual["error"]}
        return self._compare("record", record, actual)

    def _event(self, spec: Json) -> ArvoEvent:
        if "ref" in spec:
            event: ArvoEvent = read(self.done, spec["ref"])
            return ArvoEvent.from_json({**event.to_json(), **self._value(spec["patch"])}) if "patch" in spec else event
        if "create" in spec:
            return create_arvo_event(**self._value(spec["create"]), extensions=spec.get("extensions"))
        arguments = self._value(spec["args"])
        if "patchSubject" in spec:
            arguments["subject"] = ArvoOrchestrationSubject.create(spec["patchSubject"])
        contract = self.contracts[spec["contract"]].version(spec["version"])
        return call_factory(spec["factory"], contract, arguments, spec.get("extensions"))

    def _value(self, expression: Any) -> Any:
        return evaluate(expression, {"ref": self.done})


def call_factory(name: str, contract: VersionedArvoContract, arguments: Json, extensions: Any) -> ArvoEvent:
    """Create an event with the factory method of this name."""
    if name in ("init", "complete"):
        create = getattr(create_arvo_orchestrator_event_factory(contract), name)
    else:
        create = getattr(create_arvo_event_factory(contract), {"systemError": "system_error"}.get(name, name))
    if "error" in arguments:
        arguments["error"] = _raised_error(**arguments["error"])
    if name != "emits":
        arguments.pop("type", None)
    event: ArvoEvent = create(**arguments, extensions=extensions)
    return event


def _raised_error(name: str, message: str) -> Exception:
    try:
        raise make_error(name, message)
    except Exception as error:
        return error


def _expand(record: Json | None, expected: Json) -> Json | None:
    if record is None or "events" not in record:
        return record
    stands_for = {"=input": expected["input"], "=events": expected.get("events")}
    events = {
        key: stands_for.get(value, value) if isinstance(value, str) else value
        for key, value in record["events"].items()
    }
    return {**record, "events": events}


def adapt_errors(expected: list[Json], produced: list[ArvoEvent]) -> list[Json]:
    """Expected events, with those data of system errors that cannot be the same in Python taken from the actual ones.

    Validation errors have another name and text than zod's, and what Python raises always has a stack.
    """
    adapted = list(expected)
    for index, (wanted, event) in enumerate(zip(expected, produced, strict=False)):
        data, actual = wanted["data"], event.data
        if "errorName" not in data or not wanted["type"].startswith("sys.") or "errorName" not in actual:
            continue
        described = {"name": data["errorName"], "message": data["errorMessage"]}
        if _same_error(described, actual["errorName"], actual["errorMessage"]):
            adapted[index] = {**wanted, "data": actual}
    return adapted


def _same_error(expected: Json, name: str, message: str) -> bool:
    if expected["name"] == "ZodError":
        return name in _VALIDATION_ERRORS
    if name == GuardError.__name__:
        name = "Error"
    return (name, message) == (expected["name"], expected["message"])


def error_difference(expected: Json, error: Exception) -> str | None:
    """Return in what an exception differs from the expected one, or None."""
    if "violation" in expected:
        actual: Json = {"name": getattr(error, "name", ""), "violation": getattr(error, "type", "")}
        if isinstance(error, TransactionViolation):
            actual["cause"] = str(error.cause)
    elif expected["name"] == "ZodError" and isinstance(error, InvalidValueError):
        actual = {"name": "ZodError", "paths": error.paths}
    else:
        actual = {"name": "Error" if not isinstance(error, ViolationError) else error.name}
    wanted = {key: value for key, value in expected.items() if key != "message"}
    return None if actual == wanted else f"raised {error!r} ({actual}) instead of {expected}"


def _domain_difference(expected: list[str | None] | None, produced: list[ArvoEvent]) -> str | None:
    domains = [event.domain for event in produced]
    return None if expected is None or domains == expected else f"broadcast to {domains} instead of {expected}"


_VALIDATION_ERRORS = {"InvalidValueError", *(kind.__name__ for kind in InvalidValueError.__subclasses__())}
