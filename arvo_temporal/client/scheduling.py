"""Schedules: orchestrations that Temporal starts at intervals or at times of the calendar."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleListActionStartWorkflow,
    ScheduleListDescription,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
)
from temporalio.service import RPCError

from adapter.errors import ScheduleError
from adapter.names import SCHEDULE
from adapter.payload import to_raw
from adapter.registered import has_attributes
from adapter.scheduling import (
    LONGEST_ID,
    ORCHESTRATION,
    SCHEDULER,
    WITH_ATTRIBUTES,
    occurrence,
    schedule_workflow_id,
)
from adapter.temporal_errors import is_not_found, is_not_taken
from arvo.errors import shorten
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo_temporal.client.composing import Composer, Startable

_SUMMARY_LENGTH = 200


class Schedules:
    """Makes and finds the schedules that start orchestrations. `ArvoClient.schedules` is one.

    Args:
        client: A Temporal client.
        composer: Makes init events.
        check: Refuses an init event that could only fail.
        task_queue: The task queue of what schedules start; None for the one that has the name of the orchestrator.
    """

    def __init__(
        self, client: Client, composer: Composer, check: Callable[[ArvoEvent], None], task_queue: str | None
    ) -> None:
        self._client = client
        self._composer = composer
        self._check = check
        self._task_queue = task_queue

    async def create(
        self,
        what: Startable,
        data: Any,
        spec: ScheduleSpec | timedelta,
        *,
        id: str | None = None,
        source: str = SCHEDULER,
        policy: SchedulePolicy | None = None,
        state: ScheduleState | None = None,
        execution_timeout: timedelta | None = None,
    ) -> ScheduleHandle:
        """Make a schedule that starts an orchestration at each of its times.

        Each has a subject of its own, which follows from schedule and time: no time starts two. Their data is the
        same, and the `time` of the init event is the time by the schedule. The version is settled now.

        Args:
            what: As `ArvoClient.start` takes it.
            data: Likewise.
            spec: When: Temporal's own specification, or the time from one start to the next.
            id: The id of the schedule, of at most 255 bytes; that of the type of the orchestrator by default.
            source: Who starts the orchestrations, as a name of three or more parts.
            policy: What happens where an orchestration still runs, in Temporal's words; by default its time is skipped.
            state: Whether it is paused, a note for people, and a limit to how often it starts.
            execution_timeout: How long an orchestration may take; it is terminated then.

        Returns:
            Temporal's handle, which pauses, triggers, backfills, updates, describes and deletes it.

        Raises:
            AppError: If there is no such orchestrator.
            InvalidPayloadError: If the data does not fit the contract.
            InvalidSubjectError: If the id or the source breaks its rule.
            EventTooLargeViolation: If the event is larger than the app's limits allow.
            ViolationError: If the machine refuses the event.
            ScheduleError: If there is a schedule of this id, the id is too long, Temporal does not take the times, or
                none of them ever comes.
        """
        init = self._composer.init(what, data, None, source)
        identity = init.type if id is None else id
        _require_id(identity)
        self._check(occurrence(init, identity, datetime.now(UTC)))
        version = ArvoOrchestrationSubject.parse(init.subject).orchestrator.version
        action = ScheduleActionStartWorkflow(
            SCHEDULE,
            args=[to_raw(init)],
            id=schedule_workflow_id(identity),
            task_queue=self._task_queue or init.type,
            execution_timeout=execution_timeout,
            static_summary=f"starts {init.type} {version}"[:_SUMMARY_LENGTH],
            memo={WITH_ATTRIBUTES: True} if await has_attributes(self._client) else None,
        )
        times = ScheduleSpec(intervals=[ScheduleIntervalSpec(spec)]) if isinstance(spec, timedelta) else spec
        schedule = Schedule(action, times, policy or SchedulePolicy(), state or ScheduleState())
        with schedule_errors(identity):
            handle = await self._client.create_schedule(
                identity, schedule, memo={ORCHESTRATION: f"{init.type} {version}"}
            )
            await _require_a_time(handle, schedule)
        return handle

    def handle(self, id: str) -> ScheduleHandle:
        """Return Temporal's handle of a schedule, without asking the server for it."""
        return self._client.get_schedule_handle(id)

    async def list(self) -> AsyncIterator[ScheduleListDescription]:
        """Yield the schedules of the namespace that start orchestrations; the server takes a moment for a new one."""
        async for found in await self._client.list_schedules():
            action = found.schedule.action if found.schedule else None
            if isinstance(action, ScheduleListActionStartWorkflow) and action.workflow == SCHEDULE:
                yield found


@contextmanager
def schedule_errors(id: str) -> Iterator[None]:
    """Say what the server's refusals of calls about a schedule mean.

    Raises:
        ScheduleError: There is one of this id, or none, or the server does not take what it was given.
    """
    try:
        yield
    except ScheduleAlreadyRunningError as error:
        raise ScheduleError(
            f"There is a schedule '{id}' already. Give this one another id (--id), or delete that one first:"
            f"  arvo-temporal schedule delete {shlex.quote(id)}"
        ) from error
    except RPCError as error:
        if is_not_found(error):
            raise ScheduleError(
                f"The server has no schedule '{id}' in this namespace. See  arvo-temporal schedule list ."
            ) from error
        if is_not_taken(error):
            raise ScheduleError(f"Temporal does not take the schedule '{id}': {error.message.rstrip('.')}.") from error
        raise


async def _require_a_time(handle: ScheduleHandle, schedule: Schedule) -> None:
    """Delete a new schedule none of whose times ever comes; only the server can tell what its times are.

    Raises:
        ScheduleError: It was deleted.
    """
    times = schedule.spec
    if not (times.cron_expressions or times.calendars or times.intervals):
        return  # it is there to be triggered
    info = (await handle.describe()).info
    if info.next_action_times or info.num_actions or info.num_actions_missed_catchup_window:
        return
    await handle.delete()
    raise ScheduleError(
        f"The schedule '{handle.id}' was not made, for none of its times ever comes: such as 30 February, a year that "
        f"is over, or an end before the start. Correct {', '.join(map(repr, times.cron_expressions)) or 'its times'}."
    )


def _require_id(id: str) -> None:
    length = len(id.encode(errors="replace"))
    if not 0 < length <= LONGEST_ID:
        raise ScheduleError(f"The id of a schedule has 1 to {LONGEST_ID} bytes, this one has {length}: {shorten(id)}.")
