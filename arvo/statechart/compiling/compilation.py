"""From a definition to a compiled machine, or to all that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from arvo.statechart.compiling.context import context_factory, context_type
from arvo.statechart.compiling.implementations import Implementations
from arvo.statechart.compiling.problems import OPTION_KEYS, Problems, at
from arvo.statechart.compiling.resolve import Resolver, history_loops
from arvo.statechart.compiling.targets import Targets
from arvo.statechart.compiling.texts import CURE, PROBLEM, broken_texts
from arvo.statechart.compiling.tree import TreeBuilder
from arvo.statechart.errors import DefinitionError, ReferenceProblem
from arvo.statechart.running import CompiledMachine, Configurations, ContextType, Histories, StateNode

MAX_MICROSTEPS = 1000


def compile_machine(
    config: Mapping[str, Any],
    *,
    context: type[BaseModel] | None,
    actions: Mapping[str, Any],
    guards: Mapping[str, Any],
    delays: Mapping[str, Any],
    max_microsteps: int | None,
    check_purity: bool,
    strict: bool,
) -> CompiledMachine[Any]:
    """Validate and compile a definition; the arguments are those of `create_machine`.

    Raises:
        DefinitionError: With all problems of the definition.
    """
    problems = Problems(strict=strict)
    config = problems.mapping(config, "", "a machine config")
    for path in broken_texts(config):
        problems.add(path, PROBLEM, CURE)
    builder = TreeBuilder(str(config.get("id") or "(machine)"), problems)
    root = builder.build(config)
    nodes = tuple(builder.nodes)
    targets = Targets(nodes)
    kind = context_type(context, config.get("context"))
    for path, reason in kind.losses:
        problems.add(f"context.{path}" if path else "context", reason, "a snapshot keeps the context as JSON")
    implementations = Implementations(actions, guards, delays, kind, targets, strict=strict, check_purity=check_purity)
    _resolve(nodes, Resolver(targets, implementations, problems), problems)
    for name, problem in implementations.delays.problems():
        problems.add_reference(at("delays", name), problem)
    first_context = _first_context(kind, config.get("context"), problems)
    limit = _limit(max_microsteps, config.get("options"), problems)
    if problems.found:
        raise DefinitionError(builder.machine_id, problems.found)
    return CompiledMachine(
        builder.machine_id,
        root,
        nodes,
        kind,
        first_context,
        limit,
        check_purity,
        Configurations(root),
        Histories(targets.find),
        tuple(problems.ignored),
    )


def _resolve(nodes: tuple[StateNode, ...], resolver: Resolver, problems: Problems) -> None:
    for node in nodes:
        resolver.resolve(node)
    for node in history_loops(nodes):
        problems.add(node.path, "its default leads back to itself", "give it a default 'target' of its own")


def _limit(given: int | None, options: Any, problems: Problems) -> int:
    """How many microsteps an event may take: what was given, else the definition's `options`, else a thousand."""
    found = problems.mapping(options, "options", "'options'") if options is not None else {}
    problems.keys(found, "options", OPTION_KEYS)
    limits = {"max_microsteps": given, "options.maxIterations": found.get("maxIterations")}
    for path, limit in limits.items():
        if limit is not None and (type(limit) is not int or limit < 1):
            problems.add(path, f"{limit!r} is no number of microsteps", "write an integer from 1 upwards")
    return next((limit for limit in limits.values() if limit is not None), MAX_MICROSTEPS)


def _first_context(kind: ContextType, given: Any, problems: Problems) -> Callable[[Any], Any]:
    try:
        return context_factory(kind, given)
    except ReferenceProblem as error:
        problems.add_reference("context", error)
        return lambda input: None
