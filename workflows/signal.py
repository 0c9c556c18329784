"""A signal as it has arrived: raw, because the SDK would silently drop one that it cannot decode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.common import RawValue

from adapter.payload import from_raw
from arvo.event import ArvoEvent
from workflows.names import DELIVER_SIGNAL
from workflows.refusal import refusal


@dataclass(eq=False, slots=True)
class Signal:
    """A signal that nobody has read yet.

    Attributes:
        name: Its name, which should be `deliver`.
        args: Its arguments, which should be one ArvoEvent.
    """

    name: str
    args: Sequence[RawValue]

    def event(self) -> ArvoEvent:
        """Return the event that it delivers.

        Raises:
            ArvoError: It is another signal, or delivers no event.
        """
        if self.name != DELIVER_SIGNAL:
            raise refusal(f"There is no signal '{self.name}'. Deliver events with the signal '{DELIVER_SIGNAL}'.")
        return from_raw(only_argument(self.args, f"signal '{DELIVER_SIGNAL}'"))

    def text(self) -> str:
        """Return its first argument as text, for people to read."""
        return self.args[0].payload.data.decode(errors="replace") if self.args else ""

    def size(self) -> int:
        """Return the bytes of its arguments."""
        return sum(len(value.payload.data) for value in self.args)


def only_argument(args: Sequence[RawValue], place: str) -> RawValue:
    """Return the one argument that `place` takes.

    Raises:
        ArvoError: There is none, or more than one.
    """
    if len(args) != 1:
        raise refusal(f"The {place} takes exactly one argument, an ArvoEvent as JSON; it got {len(args)}.")
    return args[0]
