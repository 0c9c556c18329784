"""What signals and starts bring: raw, because the SDK would silently drop a signal that it cannot decode."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.common import RawValue

from adapter.failures import refusal
from adapter.payload import DELIVER_ALL_SIGNAL, DELIVER_SIGNAL, text_of, unreadable
from arvo.errors import ArvoError, shorten


def texts_of_signal(name: str, args: Sequence[RawValue]) -> list[bytes]:
    """Return what a signal brings, as texts that wait for their turns: nothing is read yet, and nothing refused."""
    if name == DELIVER_ALL_SIGNAL and args:
        return [text_of(argument) for argument in args]
    try:
        if name not in (DELIVER_SIGNAL, DELIVER_ALL_SIGNAL):
            raise refusal(f"There is no signal {shorten(name)}. Deliver events with the signal '{DELIVER_SIGNAL}'.")
        return [text_of(only_argument(args, f"signal '{name}'"))]
    except ArvoError as error:
        return [unreadable(str(error), args[0].payload.data if args else b"")]


def only_argument(args: Sequence[RawValue], place: str) -> RawValue:
    """Return the one argument that `place` takes.

    Raises:
        ArvoError: There is none, or more than one.
    """
    if len(args) != 1:
        raise refusal(f"The {place} takes exactly one argument, an ArvoEvent as JSON; it got {len(args)}.")
    return args[0]
