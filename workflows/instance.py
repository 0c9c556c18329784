"""One orchestration in a workflow: its inbox, its record, and what each consumed event causes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from adapter.app import ArvoApp
from adapter.endings import FAILED
from adapter.failures import as_failure, refusal
from adapter.identity import workflow_id
from adapter.ledger import Fate, Ledger, LedgerEntry
from adapter.limits import check_step
from adapter.memo import MEMO, remembered_limits
from adapter.observation import HistoryEntry, current_observer
from adapter.packing import pack, unpack
from adapter.payload import events_from_json, events_to_json, json_of
from arvo.errors import ArvoError, InvalidSubjectError, error_name
from arvo.events import ArvoEvent
from arvo.orchestration import ArvoOrchestrator, MachineMemoryRecord, Step
from workflows.carried import Carried
from workflows.dead_letters import DeadLetters
from workflows.details import describe
from workflows.determinism import deterministic
from workflows.emission import Emission
from workflows.inbox import Delivery, DueTimer, Inbox, Outcome
from workflows.refusals import Verdicts
from workflows.signal import delivered
from workflows.timers import Timers

_PAYLOAD_KEPT = 4096
_INBOX_BYTES = 768 * 1024
"""How much of the inbox goes from run to run, packed, as the record is to fit as well."""
_CARRIED_BYTES = 1900 * 1024
"""How much goes from run to run in all: Temporal takes at most 2 MiB, with what a codec adds."""


class OrchestrationInstance:
    """The state of one orchestration while its workflow runs.

    Args:
        app: The app of the worker.
        orchestrator: The orchestrator whose machine it runs.
        init: The event that started it.
        carried: What an earlier run has left; None in the first run.
    """

    def __init__(self, app: ArvoApp, orchestrator: ArvoOrchestrator, init: ArvoEvent, carried: Carried | None) -> None:
        carried = carried or Carried(record=None, inbox=pack([init.to_json_bytes()]))
        limits = remembered_limits(workflow.memo().get(MEMO), app.limits)
        self.orchestrator = orchestrator
        self.init = init
        self.subject = init.subject
        self.inbox = Inbox(limits.remembered_ids, dict.fromkeys(carried.consumed))
        for text in unpack(carried.inbox):
            self.inbox.add_unread(text)
        self.ledger = Ledger(limits.ledger, carried.ledger, carried.counts)
        self.record = cast("MachineMemoryRecord | None", carried.record)
        self.closed = False
        self._steps = carried.steps
        self._deliveries = 0
        self._limits = limits
        self._failure: Step | None = None
        self._verdicts = Verdicts()
        self._observer = current_observer()
        self._dead_letters = DeadLetters(app, self.subject)
        self._dead_letters.restore(carried.dead_letters)
        self._timers = Timers(self.inbox.add_due, self.inbox.drop_due)
        self._timers.restore(carried.timers)
        self._emission = Emission(app, init, orchestrator, self.deliver)
        self._emission.restore(events_from_json(carried.emissions), events_from_json(carried.children))

    def arrive(self, name: str, args: Sequence[RawValue]) -> None:
        """Take a signal; the events in it are read when their turns come."""
        try:
            payloads = delivered(name, args)
        except ArvoError as error:
            self._deliveries += 1
            self.refuse(None, error, _text_of(args[0]) if args else "")
            return
        for payload in payloads:
            self._arrive(payload)

    def deliver(self, event: ArvoEvent) -> Delivery | None:
        """Take an event; None if it is refused or repeats another one."""
        self._deliveries += 1
        return self._admit(event, self.inbox.add)

    def refuse(self, event: ArvoEvent | None, error: ArvoError, text: str) -> None:
        """Keep what cannot be taken, with its reason; the orchestration goes on unharmed."""
        facts = {
            "code": error_name(error),
            "reason": str(error),
            "payload": text[:_PAYLOAD_KEPT],
            "complete": len(text) <= _PAYLOAD_KEPT,
        }
        self._dead_letters.add(self._note(event, Fate.REFUSED, **facts), text)
        self._describe()

    async def answer(self, event: ArvoEvent) -> Outcome:
        """Take an event and wait for what becomes of it."""
        self.inbox.read_all(self._read)
        delivery = self.inbox.waiting(event.id) or self.deliver(event)
        if delivery is None:
            return self._repeated(event)
        await workflow.wait_condition(lambda: delivery.outcome is not None)
        assert delivery.outcome is not None
        return delivery.outcome

    def check(self, event: ArvoEvent) -> None:
        """Raise the violation that consuming `event` now would raise, changing nothing.

        Raises:
            ArvoError: As `ArvoOrchestrator.step` does; also for an event of another subject.
        """
        if event.subject != self.subject:
            raise _foreign(event)
        waits = self.inbox.waiting(event.id) is not None
        if not self.closed and not waits and event.id not in self.inbox.consumed:
            with deterministic(recording=False):
                self._checked(self.orchestrator.step(event, self.record))

    def consume(self, wants_pause: Callable[[], bool]) -> None:
        """Take what waits through the machine, in the order of arrival, until a pause is wanted."""
        while self.inbox and not self.closed:
            match self.inbox.take(self._read):
                case Delivery() as delivery:
                    delivery.outcome = self._consume(delivery.event)
                case DueTimer() as timer:
                    self._fire(timer)
            if self.inbox and not self.closed and wants_pause():
                break
        self._describe()

    def run_is_full(self) -> bool:
        """Tell whether the workflow has to continue as new now.

        That is near the server's limits, when no sender waits, and when what waits is small enough to be carried.
        """
        full = self._deliveries >= self._limits.deliveries_per_run or workflow.info().is_continue_as_new_suggested()
        return full and workflow.all_handlers_finished() and self._can_be_carried()

    def _can_be_carried(self) -> bool:
        if len(self._packed_inbox()) > _INBOX_BYTES:
            return False
        return len(self.carry().model_dump_json()) <= _CARRIED_BYTES

    def next_init(self) -> ArvoEvent:
        """Return the init event as a later run needs it: without the data that the first one has consumed."""
        parent = self.init.data.get("parentSubject$$") if self.init.data else None
        return self.init.model_copy(update={"data": {"parentSubject$$": parent}})

    def carry(self) -> Carried:
        """Return what the next run needs."""
        return Carried(
            record=cast("dict[str, Any] | None", self.record),
            inbox=self._packed_inbox(),
            consumed=list(self.inbox.consumed),
            emissions=events_to_json(self._emission.open_emissions()),
            children=events_to_json(self._emission.open_children()),
            timers=self._timers.carry(self.inbox.due()),
            dead_letters=self._dead_letters.carry(),
            ledger=list(self.ledger.entries),
            counts=self.ledger.counts,
            steps=self._steps,
        )

    async def close(self) -> None:
        """Let everything that was produced leave; what arrives meanwhile is late."""
        self._timers.cancel_all()
        while True:
            self._empty_inbox()
            if self._nothing_is_open():
                return
            await workflow.wait_condition(lambda: bool(self.inbox) or self._nothing_is_open())

    async def abandon(self) -> None:
        """End without a completion, because the workflow was cancelled: what waits, and what arrives, is late."""
        self.closed = True
        self._timers.cancel_all()
        self._empty_inbox()
        await self._emission.end_children()
        self._empty_inbox()

    def _empty_inbox(self) -> None:
        while self.inbox:
            item = self.inbox.take(self._read)
            if isinstance(item, Delivery):
                item.outcome = self._late(item.event)

    def result(self) -> MachineMemoryRecord:
        """Return the last record; that of a nested orchestration without the definition of its machine.

        The parent's history repeats the result, which would mostly be that definition. The memo has it, compressed.

        Raises:
            ApplicationError: If the machine threw: the workflow shows as failed.
        """
        if self._failure is None:
            record = self._running_record()
            return {**record, "machineDefinition": None} if self._emission.answers_a_parent else record
        error, unreported = self._failure.error, self._failure.unreported
        details = {"record": self.record, "events": events_to_json(self._failure.events)}
        text = f"{type(error).__name__}: {error}"
        if unreported is not None:
            text += f" (no event could report it: {unreported})"
        raise ApplicationError(text, details, type=FAILED, non_retryable=True) from error

    def _arrive(self, payload: RawValue) -> None:
        self._deliveries += 1
        try:
            self.inbox.add_unread(json_of(payload))
        except ArvoError as error:
            self.refuse(None, error, _text_of(payload))

    def _packed_inbox(self) -> str:
        return pack(self.inbox.texts())

    def _read(self, text: bytes) -> Delivery | None:
        try:
            event = ArvoEvent.from_json(text)
        except ArvoError as error:
            self.refuse(None, error, text.decode(errors="replace"))
            return None
        return self._admit(event, self.inbox.register)

    def _admit(self, event: ArvoEvent, admit: Callable[[ArvoEvent], Delivery | None]) -> Delivery | None:
        if event.subject != self.subject:
            self.refuse(event, _foreign(event), event.to_json_text())
            return None
        delivery = admit(event)
        if delivery is None:
            self._note(event, Fate.DUPLICATE, reason="An event with this id has arrived before.")
        return delivery

    def _consume(self, event: ArvoEvent) -> Outcome:
        try:
            with deterministic():
                step = self._verdicts.take(lambda: self._checked(self.orchestrator.consume(event, self.record)))
        except ArvoError as error:
            if self.record is None:
                raise as_failure(error) from error
            self.refuse(event, error, event.to_json_text())
            return Outcome(Fate.REFUSED, error=error)
        self.inbox.remember(event.id)
        self._apply(step, event.id, event.type)
        if step.handled:
            self._note(event, Fate.APPLIED, step=self._steps)
            return Outcome(Fate.APPLIED, step.events)
        reason = f"No transition for '{event.type}' is enabled in the state {self._value()}."
        self._note(event, Fate.UNHANDLED, reason=reason)
        return Outcome(Fate.UNHANDLED, step.events, reason=reason)

    def _fire(self, timer: DueTimer) -> None:
        try:
            with deterministic():
                record = self._running_record()
                step = self._verdicts.take(
                    lambda: self._checked(self.orchestrator.fire(timer.schedule, timer.firing_id, record))
                )
        except ArvoError as error:
            self.refuse(None, error, str(timer.schedule.event["type"]))
        else:
            self._apply(step, timer.firing_id, str(timer.schedule.event["type"]))

    def _checked(self, step: Step) -> Step:
        check_step(step, self._limits)
        return step

    def _apply(self, step: Step, cause_id: str, cause_type: str) -> None:
        self._steps += 1
        if step.record is not None:
            self.record = step.record
        if self._observer is not None:
            now = workflow.now().isoformat()
            self._observer(HistoryEntry(self._steps, cause_id, cause_type, now, self.record, step.events))
        self._timers.apply(step.timers, cause_id)
        if step.error is not None:
            self._failure = step
        self.closed = self.record is not None and self.record.get("status") != "active"
        for event in step.events:
            self._emission.emit(event, last=self.closed)

    def _running_record(self) -> MachineMemoryRecord:
        assert self.record is not None, "the first step has been taken: it consumes the init event"
        return self.record

    def _late(self, event: ArvoEvent) -> Outcome:
        reason = "The orchestration is closed."
        self._note(event, Fate.LATE, reason=reason)
        return Outcome(Fate.LATE, reason=reason)

    def _repeated(self, event: ArvoEvent) -> Outcome:
        last = self.record.get("events") if self.record else None
        is_last = last is not None and last["consumed"] is not None and last["consumed"]["id"] == event.id
        produced = events_from_json(last["produced"]) if last and is_last else ()
        return Outcome(Fate.DUPLICATE, tuple(produced), reason="An event with this id has arrived before.")

    def _nothing_is_open(self) -> bool:
        return not self._emission.pending and not self._dead_letters and workflow.all_handlers_finished()

    def _note(self, event: ArvoEvent | None, fate: Fate, **facts: Any) -> LedgerEntry:
        entry = LedgerEntry(
            id=event.id if event else None,
            type=event.type if event else None,
            fate=fate,
            time=workflow.now().isoformat(),
            **facts,
        )
        self.ledger.note(entry)
        return entry

    def _value(self) -> Any:
        return self.record.get("value") if self.record else None

    def _describe(self) -> None:
        workflow.set_current_details(describe(self.record, self.ledger, len(self.inbox)))


def _text_of(payload: RawValue) -> str:
    return payload.payload.data.decode(errors="replace")


def _foreign(event: ArvoEvent) -> ArvoError:
    try:
        expected = workflow_id(event.subject)
    except InvalidSubjectError as error:
        return refusal(f"The event's subject is not an orchestration subject: {error}")
    return refusal(
        f"The event '{event.id}' belongs to another orchestration: its subject is the workflow '{expected}', "
        f"not '{workflow.info().workflow_id}'. Deliver it there."
    )
