"""Who waits for an orchestration to get to a place: by an update that it answers as soon as it is there.

A wait never holds up a run that has to end: it is answered with "not yet", and whoever waits asks the next run. Nobody
who waits costs an event; one who does costs some, `docs/command-line.md` has how many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from adapter.app import AnyOrchestrator
from adapter.failures import refusal
from adapter.observation import sleep
from adapter.payload import json_of
from adapter.places import MOST_WAITS, NOT_NOW, Place
from arvo.events import ArvoEvent
from arvo.orchestration import ArvoMachine, ArvoOrchestrator
from arvo.wire import JsonError, read_json
from workflows.steps import Steps


class Waits:
    """Those who wait for one orchestration.

    Args:
        orchestrator: The orchestrator, whose machine has the places.
        init: The event that started the orchestration.
        steps: What takes it from place to place.
        run_is_long: Tells whether the run has to end, so that nobody can wait in it.
    """

    def __init__(
        self, orchestrator: AnyOrchestrator, init: ArvoEvent, steps: Steps, run_is_long: Callable[[], bool]
    ) -> None:
        self._orchestrator = orchestrator
        self._init = init
        self._steps = steps
        self._run_is_long = run_is_long
        self._waiting = 0

    def check(self, wanted: RawValue) -> None:
        """Refuse a wait for what can never be, or for which there is no room now, changing nothing.

        Raises:
            ArvoError: It is for no place of the machine, or the orchestration has no machine.
            ApplicationError: It may be tried again in a moment.
        """
        place, _ = _read(wanted)
        place.check(self._machine())
        if self._waiting >= MOST_WAITS:
            raise _not_now(f"{MOST_WAITS} wait for this orchestration, which is as many as can.")
        if self._run_is_long():
            raise _not_now("The run of this orchestration is about to end.")

    async def wait(self, wanted: RawValue) -> dict[str, Any]:
        """Wait until the orchestration is at a place, has ended, its run has to end, or the time is over.

        Returns:
            Whether it has been there (`reached`), and where it is: `status` and `value` of its record.
        """
        place, seconds = _read(wanted)
        machine, steps = self._machine(), self._steps
        reached = place.is_reached(machine, steps.record)

        def look(record: Mapping[str, Any]) -> None:
            nonlocal reached
            reached = reached or place.is_reached(machine, record)

        if not reached and not self._is_over():
            self._waiting += 1
            steps.watchers.append(look)
            time = asyncio.create_task(sleep(seconds, "somebody waits"))
            try:
                await workflow.wait_condition(lambda: reached or time.done() or self._is_over())
            finally:
                time.cancel()
                steps.watchers.remove(look)
                self._waiting -= 1
        record: Mapping[str, Any] = steps.record or {}
        return {"reached": reached, "status": record.get("status"), "value": record.get("value")}

    def _is_over(self) -> bool:
        return self._steps.closed or self._run_is_long()

    def _machine(self) -> ArvoMachine:
        if not isinstance(self._orchestrator, ArvoOrchestrator):
            raise refusal(
                f"'{self._orchestrator.source}' is a function, which has no states and no tags: wait until it is done."
            )
        return self._orchestrator.registry.resolve(self._init)


def _read(wanted: RawValue) -> tuple[Place, float]:
    try:
        return Place.read(read_json(json_of(wanted)))
    except JsonError as error:
        raise refusal(f"The update 'wait' takes a JSON object: {error}") from error


def _not_now(reason: str) -> ApplicationError:
    return ApplicationError(f"{reason} Ask again in a moment.", type=NOT_NOW, non_retryable=True)
