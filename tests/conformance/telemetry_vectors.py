"""Checks the vectors of the category otel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan

from arvo.errors import ArvoError
from arvo.events import ArvoEvent, create_arvo_event
from tests.conformance.comparison import Comparison
from tests.conformance.nodes import Node
from tests.conformance.scenarios import Scenario, call_factory
from tests.conformance.schemas import to_contract
from tests.conformance.tracing import Recorder, traced, view

Json = dict[str, Any]


def check_otel(line: Json) -> str | None:
    """Return the first difference, or None."""
    with traced() as recorder:
        if line["op"] == "otel-call":
            return _check_call(line, recorder)
        return asyncio.run(_TracedScenario(line, recorder).run())


class _TracedScenario(Scenario):
    def __init__(self, line: Json, recorder: Recorder) -> None:
        super().__init__(line)
        self.recorder = recorder
        self.spans: list[ReadableSpan] = []

    async def step(self, node: Node, step: Json, expected: Json) -> str | None:
        difference = await super().step(node, step, expected)
        return difference or _spans_difference(expected["spans"], self.spans, self.comparison)

    async def execute(self, node: Node, event: ArvoEvent, step: Json) -> list[ArvoEvent]:
        outside = self.line.get("insideSpan")
        if outside is None:
            return await self._observed(node, event, step)
        with trace.get_tracer("caller").start_as_current_span(outside):
            return await self._observed(node, event, step)

    async def _observed(self, node: Node, event: ArvoEvent, step: Json) -> list[ArvoEvent]:
        seen = len(self.recorder.spans)
        try:
            return await super().execute(node, event, step)
        finally:
            self.spans = self.recorder.spans[seen:]


def _check_call(line: Json, recorder: Recorder) -> str | None:
    comparison = Comparison()
    try:
        event = _call(line["call"])
    except ArvoError as error:
        if line["ok"]:
            return f"refused: {error}"
    else:
        if not line["ok"]:
            return f"accepted, but {line['error']} is to be raised"
        difference = comparison.difference(line["event"], event.to_json(), "event")
        if difference:
            return difference
    return _spans_difference(line["spans"], recorder.spans, comparison)


def _call(call: Json) -> ArvoEvent:
    if "createArvoEvent" in call:
        return create_arvo_event(**call["createArvoEvent"], telemetry=not call.get("disable"))
    contract = to_contract(call["contract"]).version(call["version"])
    return call_factory(call["factory"], contract, dict(call["args"]), call.get("extensions"))


def _spans_difference(expected: Sequence[Json], spans: Sequence[ReadableSpan], comparison: Comparison) -> str | None:
    views = [view(span) for span in spans]
    names = [span["name"] for span in expected], [span["name"] for span in views]
    if names[0] != names[1]:
        return f"spans: expected {names[0]}, got {names[1]}"
    for wanted, actual in zip(expected, views, strict=True):
        difference = comparison.difference(_comparable(wanted), _comparable(actual), wanted["name"])
        if difference:
            return difference
    return None


def _comparable(span: Mapping[str, Any]) -> Json:
    attributes = dict(span["attributes"])
    attributes.pop("exception.message", None)
    if "exception.type" in attributes:
        attributes["exception.type"] = _kind(attributes["exception.type"])
    events = [
        {**event, "type": _kind(event["type"])} if "type" in event else event
        for event in ({key: event[key] for key in event if key != "message"} for event in span["events"])
    ]
    return {**{key: span[key] for key in span if key != "statusMessage"}, "attributes": attributes, "events": events}


def _kind(name: str) -> str:
    return name if name.startswith("ViolationError") else "an error"
