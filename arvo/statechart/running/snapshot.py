"""Snapshots: immutable values of a machine at rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, get_args

from arvo.statechart.errors import RestoreError
from arvo.statechart.running.calls import Status
from arvo.statechart.running.compiled import CompiledMachine
from arvo.statechart.running.configuration import Configuration
from arvo.statechart.running.history import History
from arvo.statechart.running.macrostep import Macrostep
from arvo.statechart.running.value import StateValue, copied, matches
from arvo.statechart.showing import svg_of

C = TypeVar("C")

STATUSES = get_args(Status)


class Snapshot(Generic[C]):
    """A machine at rest. Never changed: a transition makes a new one."""

    __slots__ = ("_configuration", "_context", "_error", "_history", "_machine", "_output", "_status")

    def __init__(
        self,
        machine: CompiledMachine[C],
        status: Status,
        configuration: Configuration,
        context: C,
        history: History,
        output: Any = None,
        error: Any = None,
    ) -> None:
        self._machine = machine
        self._status = status
        self._configuration = configuration
        self._context = context
        self._history = history
        self._output = output
        self._error = error

    @property
    def machine(self) -> CompiledMachine[C]:
        """The compiled machine that it belongs to."""
        return self._machine

    @property
    def configuration(self) -> Configuration:
        """The active states, with everything that follows from them."""
        return self._configuration

    @property
    def history(self) -> History:
        """What history states have recorded."""
        return self._history

    @property
    def status(self) -> Status:
        """`active`; `done` after a top-level final state; `error`; `stopped`."""
        return self._status

    @property
    def value(self) -> StateValue:
        """The active states, such as `"idle"` or `{"payment": "pending", "stock": {}}`."""
        return copied(self._configuration.value)

    @property
    def context(self) -> C:
        """The machine's data. Treat it as read-only."""
        return self._context

    @property
    def output(self) -> Any:
        """The machine's output once it is done."""
        return self._output

    @property
    def error(self) -> Any:
        """What an unhandled `xstate.error.actor.*` event carried, if the status is `error`."""
        return self._error

    @property
    def history_value(self) -> dict[str, list[str]]:
        """Recorded state ids per id of a history state."""
        return {key: [node.id for node in nodes] for key, nodes in self._history.records.items()}

    @property
    def tags(self) -> frozenset[str]:
        """Tags of all active states."""
        return self._configuration.tags

    def matches(self, value: str | Mapping[str, Any]) -> bool:
        """Whether the machine is in a state: a path such as `"payment.pending"`, or a partial value."""
        return matches(value, self._configuration.value)

    def has_tag(self, tag: str) -> bool:
        """Whether an active state has the tag."""
        return tag in self._configuration.tags

    def can(self, event: Any) -> bool:
        """Whether the event would take a transition that does something; guards are evaluated.

        Raises:
            GuardError: A guard threw.
        """
        step = Macrostep(self._machine, self._configuration, self._context, self._history, event)
        transitions = self._configuration.selection(step.event_type).transitions(step)
        return any(one.target is not None or one.actions for one in transitions)

    def get_meta(self) -> dict[str, Any]:
        """The `meta` of active states, by id."""
        nodes = self._configuration.nodes
        return {node.id: node.config["meta"] for node in nodes if "meta" in node.config}

    def to_json(self) -> dict[str, Any]:
        """The shape of XState's `getPersistedSnapshot()`; `machine.restore` takes it back.

        Values inside the context are shared with the snapshot; serialise the result, do not change them.
        """
        data: dict[str, Any] = {"status": self._status}
        if self._output is not None or (self._status == "done" and self._machine.root.output is not None):
            data["output"] = self._output
        if self._error is not None:
            data["error"] = self._error
        data["value"] = copied(self._configuration.value)
        data["historyValue"] = self._history.to_json()
        data["context"] = self._machine.context_type.write(self._context)
        data["children"] = {}
        return data

    def _repr_svg_(self) -> str | None:
        return svg_of(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Snapshot):
            return NotImplemented
        return self._machine is other._machine and self._content() == other._content()

    def __repr__(self) -> str:
        return f"<Snapshot {self._machine.id} {self._status} {self._configuration.value!r}>"

    def _content(self) -> tuple[Any, ...]:
        configuration = self._configuration.nodes
        return self._status, configuration, self._context, self._history.records, self._output, self._error


def restore(machine: CompiledMachine[C], data: Mapping[str, Any]) -> Snapshot[C]:
    """The snapshot that `Snapshot.to_json()` wrote, here or in XState.

    Raises:
        RestoreError: It does not fit this machine.
    """
    try:
        status, value, context = data["status"], data["value"], data["context"]
    except (KeyError, TypeError):
        raise RestoreError(
            f"No snapshot of {machine.id!r}: it needs 'status', 'value' and 'context', as to_json() writes them"
        ) from None
    if status not in STATUSES:
        raise RestoreError(f"{status!r} is no status: it is one of {', '.join(STATUSES)}")
    configuration = machine.configurations.of_value(value)
    recorded = data.get("historyValue")
    history = machine.histories.restore(recorded) if recorded else machine.histories.empty
    context = machine.context_type.read(context)
    return Snapshot(machine, status, configuration, context, history, data.get("output"), data.get("error"))
