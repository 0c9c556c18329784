"""Builds the nodes of a scenario: orchestrators, handlers and resumables that share one memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from arvo.contracts import ArvoContract
from arvo.errors import ConfigViolation, ContractViolation, ExecutionViolation, ViolationError
from arvo.events import ArvoEvent
from arvo.events.domain import ArvoDomain
from arvo.handling.handler import ArvoEventHandler, create_arvo_event_handler
from arvo.orchestration.memory import SimpleMachineMemory
from arvo.orchestration.orchestrator import ArvoOrchestrator, create_arvo_orchestrator
from arvo.orchestration.resumable import ArvoResumable, create_arvo_resumable
from arvo.orchestration.transaction import TransactionViolation, TransactionViolationCause
from tests.conformance.expressions import MISSING, as_text, evaluate, make_error, truthy
from tests.conformance.machines import build_machine, pick, thrown

Json = dict[str, Any]
Node = ArvoOrchestrator | ArvoEventHandler | ArvoResumable

_OPTIONS = {"systemError": "system_error", "services": "services", "complete": "complete", "emits": "emits"}


class FaultyMemory(SimpleMachineMemory):
    """A memory that fails as the current step of a scenario demands."""

    fault: str | None = None

    async def read(self, id: str, /) -> Any:
        self._fail("read_fails")
        return await super().read(id)

    async def write(self, id: str, data: Any, previous: Any = None, /) -> None:
        self._fail("write_fails")
        await super().write(id, data, previous)

    async def lock(self, id: str, /) -> bool:
        self._fail("lock_fails")
        return False if self.fault == "lock_denied" else await super().lock(id)

    async def unlock(self, id: str, /) -> bool:
        self._fail("unlock_fails")
        return await super().unlock(id)

    def is_locked(self, id: str) -> bool:
        return id in self._locked

    def _fail(self, fault: str) -> None:
        if self.fault == fault:
            raise RuntimeError(f"{fault.removesuffix('_fails')} fault")


def build_node(
    spec: Json, line: Json, contracts: Mapping[str, ArvoContract], memory: FaultyMemory, *, broadcast: bool
) -> Node:
    """Build one node.

    Args:
        spec: The node as the line describes it.
        line: The whole scenario.
        contracts: Its contracts by name.
        memory: The memory that all nodes share.
        broadcast: Leave the domains of system errors to the default where the node does not configure them;
            otherwise they are those of 3.0.25.
    """
    domains: Any = _domains(spec, broadcast)
    match spec["kind"]:
        case "orchestrator":
            return create_arvo_orchestrator(
                executionunits=spec["executionunits"],
                memory=memory,
                machines=[build_machine(line["machines"][name], contracts) for name in spec["machines"]],
                system_error_domain=spec.get("systemErrorDomain"),
                default_event_emission_domains=domains,
                requires_resource_locking=spec.get("requiresResourceLocking"),
            )
        case "handler":
            return create_arvo_event_handler(
                contract=contracts[spec["contract"]],
                executionunits=spec["executionunits"],
                handler={version: _handler(rules) for version, rules in spec["handler"].items()},
                system_error_domain=spec.get("systemErrorDomain"),
                default_event_emission_domains=domains,
            )
        case "resumable":
            return create_arvo_resumable(
                contracts={
                    "self": contracts[spec["self"]],
                    "services": {key: pick(service, contracts) for key, service in spec["services"].items()},
                },
                memory=memory,
                executionunits=spec.get("executionunits", 0),
                handler={version: _resumable(rules) for version, rules in spec["handler"].items()},
                system_error_domain=spec.get("systemErrorDomain"),
                default_event_emission_domains=domains,
                requires_resource_locking=spec.get("requiresResourceLocking"),
            )
        case kind:
            raise ValueError(f"A node of the unknown kind {kind!r}")


def _domains(spec: Json, broadcast: bool) -> Json:
    configured = spec.get("defaultEventEmissionDomains", {})
    domains = {_OPTIONS[key]: value for key, value in configured.items()}
    if not broadcast and "systemErrorDomain" not in spec:
        domains.setdefault("system_error", [ArvoDomain.ORCHESTRATION_CONTEXT])
    return domains


def _handler(rules: list[Json]) -> Callable[..., Any]:
    def handle(event: ArvoEvent, contract: Any, domain: Any, source: str) -> Any:
        scope = {"event": event, "domain": domain, "version": contract.version, "source": source}
        return apply_rules(rules, scope)

    return handle


def _resumable(rules: list[Json]) -> Callable[..., Any]:
    def handle(
        context: Any,
        input: ArvoEvent | None,
        service: ArvoEvent | None,
        collected_events: Any,
        metadata: Any,
        domain: Any,
    ) -> Any:
        collected = {type_: [event.to_json() for event in events] for type_, events in collected_events.items()}
        scope = {"ctx": context, "input": input, "service": service, "collected": collected}
        return apply_rules(rules, {**scope, "meta": metadata, "domain": domain})

    return handle


def apply_rules(rules: list[Json], scope: Json) -> Any:
    """Do what the first rule says whose condition holds."""
    for rule in rules:
        if truthy(evaluate(rule.get("when", True), scope)):
            return conclude(rule, scope)
    return None


def conclude(rule: Json, scope: Json) -> Any:
    if "throw" in rule:
        raise make_error(rule["throw"].get("name", "Error"), as_text(evaluate(rule["throw"]["message"], scope)))
    if "throwViolation" in rule:
        raise _violation(**rule["throwViolation"], event=scope.get("event"))
    if "throwValue" in rule:
        raise thrown(rule["throwValue"])
    result = evaluate(rule.get("return"), scope)
    return None if result is MISSING else result


def _violation(kind: str, message: str, event: Any) -> ViolationError:
    if kind == "TransactionViolation":
        return TransactionViolation(message, cause=TransactionViolationCause.READ_FAILURE, initiating_event=event)
    kinds = {kind.__name__: kind for kind in (ConfigViolation, ContractViolation, ExecutionViolation)}
    return kinds[kind](message)
