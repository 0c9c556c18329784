"""What logs and metrics are told of an orchestration, once each: nothing in a replay."""

from __future__ import annotations

import json
import logging
from collections.abc import Container, Mapping
from typing import Any

from temporalio import workflow

from adapter.ledger import Fate, LedgerEntry
from adapter.log_fields import event_fields, orchestration_fields
from adapter.metering import current_meter
from adapter.routing import Route
from adapter.silence import is_silent
from adapter.troubles import TroubleKind
from arvo.events import ArvoEvent
from arvo.orchestration import OrchestrationRecord
from workflows import meters
from workflows.log import logger
from workflows.throttle import Throttle

_throttle = Throttle()
"""Of all orchestrations of this process: what goes wrong goes wrong in many of them."""


class Reports:
    """Tells what becomes of one orchestration.

    Args:
        subject: Its subject.

    Attributes:
        fields: What each line of the log about it has.
    """

    def __init__(self, subject: str) -> None:
        self.fields = orchestration_fields(subject)
        self._state: Any = None
        self._meters = meters.Meters(current_meter(self._name, str(self.fields["version"])))

    def resume(self, record: OrchestrationRecord | None) -> None:
        """Take up where the steps of earlier runs have come to."""
        self._state = record.get("value") if record is not None else None

    def event(self, event: ArvoEvent | None, entry: LedgerEntry) -> None:
        """Tell the fate of what has arrived, in one line of the log: at DEBUG where nothing is wrong.

        Args:
            event: The event; None where it is none.
            entry: What the ledger says of it.
        """
        if is_silent():
            return
        fate, code = entry.fate.value, entry.code
        self._meters.count(meters.EVENTS, fate=fate)
        if entry.fate is Fate.REFUSED:
            self._warn(f"is refused: {code}", event, fate=fate, code=code)
        elif entry.fate is Fate.FAILED:
            about = self._extra(event, fate=fate, code=code, step=entry.step)
            logger.error("The machine of '%s' has thrown %s.", self._id, code, extra=about)
        elif code is None:  # else nobody handles a failure, which was told (`unheard`)
            self._note(event.type if event is not None else "", event, entry.fate, entry.step)

    def refused_start(self, event: ArvoEvent, code: str) -> None:
        """Tell that the event that starts the orchestration was refused: no ledger has that."""
        if is_silent():
            return
        fate = Fate.REFUSED.value
        self._meters.count(meters.EVENTS, fate=fate)
        self._warn(f"is refused, and does not start it: {code}", event, fate=fate, code=code)

    def unheard(self, error: ArvoEvent, fate: Fate, name: str, message: str) -> None:
        """Tell that a system error comes to nothing.

        Args:
            error: The system error event.
            fate: Its fate.
            name: What it tells: the name of the error,
            message: and its message, as text for people.
        """
        logger.error(
            "Nobody handles the failure that '%s' tells (event '%s' of '%s', %s) in the orchestration '%s': %s: %s",
            *(error.type, error.id, error.source, fate, error.subject, name, message),
            extra=self._extra(error, fate=fate.value, code=name),
        )

    def step(
        self,
        number: int,
        type_: str,
        event: ArvoEvent | None,
        fate: Fate,
        value: Any,
        *,
        left: Mapping[str, float],
        took: float,
    ) -> None:
        """Tell of a step; its line of the log is that of its event, but for a delayed transition.

        Args:
            number: Its number.
            type_: The type of the event, or of the delayed transition's event, that it was made for.
            event: The event; None for a delayed transition.
            fate: What it has come to.
            value: The state value after it; None where there is none.
            left: How long each state that it has left was active, by its path, in seconds.
            took: Seconds that it took in the code of the machine.
        """
        self._state = value
        if is_silent():
            return
        self._meters.count(meters.STEPS, cause="timer" if event is None else "event")
        self._meters.measure(meters.STEP_TIME, took)
        for path, seconds in left.items():
            self._meters.measure(meters.STATE_TIME, seconds, state=path)
        if event is None and fate is not Fate.FAILED:
            self._note(type_, event, fate, number)

    def emission(self, event: ArvoEvent, way: Route, seconds: float | None = None, *, failed: bool) -> None:
        """Tell that the way of a produced event has ended.

        Args:
            event: The event.
            way: The way.
            seconds: How long it took; None where it takes no time.
            failed: Whether it has failed for good.
        """
        if is_silent():
            return
        route, to, outcome = way.name.lower(), _receiver(event, way), "failed" if failed else "done"
        self._meters.count(meters.EMISSIONS, route=route, to=to, outcome=outcome)
        if seconds is not None:
            self._meters.measure(meters.EMISSION_TIME, seconds, route=route, to=to)
        if failed:
            self._warn(f"has failed for good, by the way '{route}'", event, route=route, to=to, outcome=outcome)
        elif logger.isEnabledFor(logging.DEBUG):
            about = self._extra(event, route=route, to=to, outcome=outcome)
            logger.debug("'%s' of '%s' has left by the way '%s'", event.type, self._id, route, extra=about)

    def trouble_begins(self, kind: TroubleKind) -> None:
        """Count that something is wrong now which somebody has to cure."""
        if not is_silent():
            self._meters.count(meters.TROUBLE_BEGUN, kind=kind.value)

    def trouble_ends(self, kind: TroubleKind, number: int) -> None:
        """Count that so many are over, as far as the orchestration can know."""
        if not is_silent():
            self._meters.count(meters.TROUBLE_ENDED, number, kind=kind.value)

    @property
    def _id(self) -> str:
        return str(self.fields["workflow_id"])

    @property
    def _name(self) -> str:
        return str(self.fields["orchestrator"])

    def _note(self, type_: str, event: ArvoEvent | None, fate: Fate, step: int | None) -> None:
        if not logger.isEnabledFor(logging.DEBUG):
            return
        about = self._extra(event, event_type=type_, fate=fate.value, **({} if step is None else {"step": step}))
        logger.debug(
            "'%s' of '%s' %s, now %s", type_, self._id, fate, about.get("state", "without a state"), extra=about
        )

    def _warn(self, what: str, event: ArvoEvent | None, **more: Any) -> None:
        """Warn of something, of each kind once a minute in this process; of the others it is a line at DEBUG."""
        left_out = _throttle.left_out((what, self._name, more.get("to")))
        level = logging.DEBUG if left_out is None else logging.WARNING
        if not logger.isEnabledFor(level):
            return
        type_ = f"'{event.type}'" if event is not None else "What is no event"
        about = self._extra(event, left_out=left_out or 0, **more)
        logger.log(level, "%s of '%s' %s%s", type_, self._id, what, _since(left_out or 0), extra=about)

    def _extra(self, event: ArvoEvent | None, **more: Any) -> dict[str, Any]:
        of_event = event_fields(event) if event is not None else {}
        value = self._state
        return {**self.fields, **of_event, **({} if value is None else {"state": _text(value)}), **more}


def report_refused_input(code: str, orchestrators: Container[str]) -> None:
    """Tell that a workflow was started with what is no orchestration.

    Args:
        code: Name of the violation.
        orchestrators: The types that the app has: the workflow's may be anything.
    """
    if is_silent():
        return
    info, fate = workflow.info(), Fate.REFUSED.value
    name = info.workflow_type if info.workflow_type in orchestrators else ""
    meters.Meters(current_meter(name, version="")).count(meters.EVENTS, fate=fate)
    left_out = _throttle.left_out(("no orchestration", name, code))
    if left_out is not None:
        about = {"workflow_id": info.workflow_id, "orchestrator": name, "fate": fate, "code": code}
        logger.warning(
            "The input of '%s' is refused: %s%s",
            *(info.workflow_id, code, _since(left_out)),
            extra={**about, "left_out": left_out},
        )


def _receiver(event: ArvoEvent, way: Route) -> str:
    """Return who takes an event, by the name that the app has for it; empty where it has none."""
    match way:
        case Route.HANDLER | Route.ORCHESTRATION:
            return event.to or event.type
        case Route.CHILD:
            return event.type
        case Route.PUBLISHER:
            return event.domain or ""
    return ""


def _since(left_out: int) -> str:
    return f" ({left_out} more of this kind since the last line)" if left_out else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
