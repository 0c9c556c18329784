"""Plays the vectors of routers and multi handlers: `python -m tests.conformance.routing`.

They were recorded from arvo-event-handler 2.2.13 (`record_routing.mjs`), the last line of releases that has both. What
the releases since have changed for all handlers is read into the expectation: events have `parentid` and `domain`, and
spans other names of attributes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan

from arvo import (
    ArvoEvent,
    ArvoEventHandler,
    ArvoEventRouter,
    MultiArvoEventHandler,
    create_arvo_event,
    create_arvo_event_handler,
    create_arvo_event_router,
    create_multi_arvo_event_handler,
)
from tests.conformance.arvo import read_vectors
from tests.conformance.comparison import Comparison
from tests.conformance.folders import vector_folder
from tests.conformance.nodes import apply_rules
from tests.conformance.report import Report
from tests.conformance.scenarios import adapt_errors, error_difference
from tests.conformance.schemas import to_contract
from tests.conformance.tracing import Recorder, traced, view

Json = dict[str, Any]
Node = ArvoEventHandler | ArvoEventRouter | MultiArvoEventHandler

CATEGORIES = ("multi", "router")
_SPANS = {"ArvoEventHandler": "Handler", "ArvoEventFactory": "EventFactory"}
_KINDS = {"EVENT_HANDLER": "handler.simple", "INTERNAL": "internal"}
_TITLES = ("MutliArvoEventHandler", "ArvoEventRouter")


def run_category(category: str) -> Report:
    """Play every line of a category."""
    report = Report(category)
    for line in read_vectors(vector_folder("routing"))[category]:
        difference = play(line)
        if difference is None:
            report.passed += 1
        else:
            report.failures[line["id"]] = difference
    return report


def play(line: Mapping[str, Any]) -> str | None:
    """Return the first difference of a line, or None."""
    with traced() if line.get("traced") else nullcontext() as recorder:
        return asyncio.run(_play(line, recorder))


def run() -> bool:
    """Play all lines, and print a report; True if all passed."""
    reports = [run_category(category) for category in CATEGORIES]
    for report in reports:
        print(report, flush=True)
    return not any(report.failures for report in reports)


async def _play(line: Mapping[str, Any], recorder: Recorder | None) -> str | None:
    nodes: dict[str, Node] = {}
    for name, expected in line["expect"]["nodes"].items():
        try:
            nodes[name] = _build(line["nodes"][name], line, nodes)
        except Exception as error:
            return error_difference(expected["error"], error) if "error" in expected else f"{name}: {error!r}"
        if "error" in expected:
            return f"{name} could be built"
        actual = {"source": nodes[name].source, "systemErrorType": nodes[name].system_error_schema.type}
        if actual != expected:
            return f"{name}: {actual} instead of {expected}"
    comparison = Comparison()
    for index, (step, outcome) in enumerate(zip(line["steps"], line["expect"]["steps"], strict=True)):
        difference = await _make_step(nodes[step["at"]], step, outcome, comparison, recorder, line.get("insideSpan"))
        if difference is not None:
            return f"step {index}: {difference}"
    return None


def _build(spec: Json, line: Mapping[str, Any], nodes: Mapping[str, Node]) -> Node:
    units = spec["executionunits"]
    match spec["kind"]:
        case "multi":
            handler = _acting(spec["rules"])
            return create_multi_arvo_event_handler(source=spec["source"], executionunits=units, handler=handler)
        case "router":
            handlers: Any = [nodes[name] for name in spec["handlers"]]
            return create_arvo_event_router(source=spec["source"], executionunits=units, handlers=handlers)
    functions = {version: _acting(rules, version) for version, rules in spec["handler"].items()}
    contract = to_contract(line["contracts"][spec["contract"]])
    return create_arvo_event_handler(contract=contract, executionunits=units, handler=functions)


def _acting(rules: list[Json], version: str | None = None) -> Any:
    def handle(event: ArvoEvent, source: str) -> Any:
        return apply_rules(rules, {"event": event, "source": source, "version": version})

    return handle


async def _make_step(
    node: Node, step: Json, expected: Json, comparison: Comparison, recorder: Recorder | None, outside: str | None
) -> str | None:
    event = _event(step["event"]["create"])
    seen, produced, raised = len(recorder.spans) if recorder else 0, list[ArvoEvent](), None
    with trace.get_tracer("caller").start_as_current_span(outside) if outside else nullcontext():
        try:
            produced = (await node.execute(event, step.get("otel"))).events
        except Exception as error:
            raised = error
    spans = [span for span in recorder.spans[seen:] if span.name != outside] if recorder else []
    return (
        comparison.difference(_as_now(expected["input"], {}), event.to_json(), "input")
        or _raised(expected.get("error"), raised)
        or _events(expected.get("events", []), event, produced, comparison)
        or _spans(expected.get("spans", []), spans, comparison)
    )


def _event(fields: Json) -> ArvoEvent:
    if "to" not in fields or fields["to"] is not None:
        return create_arvo_event(**fields, telemetry=False)
    return replace(create_arvo_event(**{**fields, "to": "nobody"}, telemetry=False), to=None)


def _raised(expected: Json | None, error: Exception | None) -> str | None:
    if expected is None or error is None:
        return f"raised {error!r} instead of {expected}" if expected or error else None
    return error_difference(expected, error)


def _events(expected: list[Json], event: ArvoEvent, produced: list[ArvoEvent], comparison: Comparison) -> str | None:
    wanted = [_as_now(one, {"parentid": event.id}) for one in expected]
    actual = [one.to_json() for one in produced]
    return comparison.difference(adapt_errors(wanted, produced), actual, "events")


def _as_now(event: Json, fields: Json) -> Json:
    """Return an event with the fields that arvo-core 2.2.13 has not."""
    return {**event, "parentid": None, "domain": None, **fields}


def _spans(expected: list[Json], spans: list[ReadableSpan], comparison: Comparison) -> str | None:
    views = [view(span) for span in spans]
    names = [_name(span["name"]) for span in expected]
    if names != [_name(span["name"]) for span in views]:
        return f"spans: {[span['name'] for span in views]} instead of {names}"
    differences = (_span(wanted, actual, comparison) for wanted, actual in zip(expected, views, strict=True))
    return next((difference for difference in differences if difference), None)


def _span(expected: Json, actual: Json, comparison: Comparison) -> str | None:
    """Compare a span; one that today's handlers and factories have for themselves has logs of its own."""
    attributes = {key: value for key, value in _attributes(expected["attributes"]) if key != "exception.message"}
    wanted = {**{key: expected[key] for key in ("kind", "status", "trace", "span", "parent")}, "attributes": attributes}
    found = {**actual, "attributes": {key: actual["attributes"].get(key) for key in attributes}}
    if expected["name"] in _TITLES:
        wanted["events"] = [event.get("log", "exception") for event in expected["events"]]
        found["events"] = [event.get("log", "exception") for event in actual["events"]]
    if "exception.type" in attributes and not attributes["exception.type"].startswith("ViolationError"):
        attributes["exception.type"] = found["attributes"]["exception.type"]
    return comparison.difference(wanted, {key: found[key] for key in wanted}, expected["name"])


def _name(name: str) -> str:
    title, *rest = name.split("<")[0].split(".")
    return ".".join([_SPANS.get(title, title), *rest])


def _attributes(attributes: Json) -> Iterator[tuple[str, Any]]:
    for key, value in attributes.items():
        name = key.replace("to_process.", "consumable.").replace("to_emit.", "emittables.")
        yield name, _KINDS.get(value, value) if key == "arvo.span.kind" else value


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
