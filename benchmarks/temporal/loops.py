"""Side A: loops of tool calls as resumables, one whose function decides in an activity, and one inline."""

from __future__ import annotations

from typing import Any

from arvo import (
    ArvoEvent,
    ArvoResumable,
    ResumableOutput,
    VersionedArvoContract,
    create_arvo_orchestrator_contract,
    create_arvo_resumable,
)
from benchmarks.temporal import services
from benchmarks.temporal.services import TOOL_CALLS, Key, Thread, Total

_VERSION = "1.0.0"
AGENT = create_arvo_orchestrator_contract(
    uri="#/benchmark/agent", name="agent", versions={_VERSION: {"init": Key, "complete": Total}}
)
LOOP = create_arvo_orchestrator_contract(
    uri="#/benchmark/loop", name="loop", versions={_VERSION: {"init": Key, "complete": Total}}
)


async def _think(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
    thread = _thread(context, input, service)
    decision = await services.decide(Thread(**thread))
    return _go_on(thread, is_over=decision.is_over)


def _loop(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> ResumableOutput:
    thread = _thread(context, input, service)
    return _go_on(thread, is_over=len(thread["values"]) == TOOL_CALLS)


def _thread(context: Any, input: ArvoEvent | None, service: ArvoEvent | None) -> dict[str, Any]:
    if input is not None:
        return {"key": input.data["key"], "values": []}
    assert service is not None
    return {**context, "values": [*context["values"], service.data["value"]]}


def _go_on(thread: dict[str, Any], *, is_over: bool) -> ResumableOutput:
    if is_over:
        return {"context": thread, "output": {"total": sum(thread["values"])}}
    return {"context": thread, "services": [{"type": "com.number.read", "data": {"key": thread["key"]}}]}


def create_loops(tool: VersionedArvoContract) -> list[ArvoResumable]:
    """Return the resumables, which call a tool of this contract."""
    return [
        create_arvo_resumable(contracts={"self": AGENT, "services": {"tool": tool}}, handler={_VERSION: _think}),
        create_arvo_resumable(contracts={"self": LOOP, "services": {"tool": tool}}, handler={_VERSION: _loop}),
    ]
