"""The releases that are rolled out one after the other: every other one undoes what was done, in a replay.

A bad release is one of its own kind only where the history has gone on. What is consumed while it is out is consumed
as ever: a machine that throws there fails its orchestration for good, and that is another promise.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from temporalio import workflow

from arvo import ArvoEvent
from arvo.orchestration.engine import MachineExecution, MachineExecutionEngine
from arvo.orchestration.machine import ArvoMachine


class Release(StrEnum):
    """What a release does in a replay."""

    GOOD = "good"
    THROWING = "throwing"
    ENDING = "ending"


ROLLED_OUT = (Release.THROWING, Release.GOOD, Release.ENDING, Release.GOOD)
"""What follows the good release that a run begins with."""

HELD_BY = {
    Release.THROWING: "the present code raises NameError",
    Release.ENDING: "with the present code at step",
}
"""What a worker of a bad release says of an orchestration that waits for a better one."""


class ReleasedEngine(MachineExecutionEngine):
    """Runs machines as a release has them: in a replay of a bad one, half of the steps throw or end.

    Args:
        release: The release.
    """

    def __init__(self, release: Release) -> None:
        self._release = release

    def execute(
        self, machine: ArvoMachine, state: Mapping[str, Any] | None, event: ArvoEvent | Mapping[str, Any], /
    ) -> MachineExecution:
        """See the base class.

        Raises:
            NameError: The release throws.
        """
        execution = super().execute(machine, state, event)
        if self._release is Release.GOOD or not is_replayed(event):
            return execution
        if self._release is Release.THROWING:
            raise NameError("name 'days' is not defined")
        output = machine.logic.config["output"](execution.state["context"])
        return execution._replace(state={**execution.state, "status": "done", "output": output}, final_output=output)


def is_replayed(event: ArvoEvent | Mapping[str, Any]) -> bool:
    """Tell whether this is one half of the steps, in a replay."""
    if not workflow.in_workflow() or not workflow.unsafe.is_replaying():
        return False
    return isinstance(event, ArvoEvent) and zlib.crc32(event.id.encode()) % 2 == 0
