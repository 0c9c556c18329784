"""What signals and starts bring: raw, because the SDK would silently drop a signal that it cannot decode."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.common import RawValue

from adapter.failures import refusal
from adapter.payload import DELIVER_ALL_SIGNAL, DELIVER_SIGNAL


def events_of_signal(name: str, args: Sequence[RawValue]) -> Sequence[RawValue]:
    """Return what a signal brings: each is to be an event.

    Raises:
        ArvoError: The signal has no name that brings events, or not as many arguments as it takes.
    """
    if name == DELIVER_ALL_SIGNAL and args:
        return args
    if name in (DELIVER_SIGNAL, DELIVER_ALL_SIGNAL):
        return [only_argument(args, f"signal '{name}'")]
    raise refusal(f"There is no signal '{name}'. Deliver events with the signal '{DELIVER_SIGNAL}'.")


def only_argument(args: Sequence[RawValue], place: str) -> RawValue:
    """Return the one argument that `place` takes.

    Raises:
        ArvoError: There is none, or more than one.
    """
    if len(args) != 1:
        raise refusal(f"The {place} takes exactly one argument, an ArvoEvent as JSON; it got {len(args)}.")
    return args[0]
