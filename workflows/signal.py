"""Signals as they arrive: raw, because the SDK would silently drop one that it cannot decode."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.common import RawValue

from adapter.payload import json_of
from workflows.names import DELIVER_SIGNAL
from workflows.refusal import refusal


def delivered_json(name: str, args: Sequence[RawValue]) -> bytes:
    """Return the JSON that a signal delivers, which is not read yet.

    Raises:
        ArvoError: The signal has another name than `deliver`, or not exactly one argument in JSON.
    """
    if name != DELIVER_SIGNAL:
        raise refusal(f"There is no signal '{name}'. Deliver events with the signal '{DELIVER_SIGNAL}'.")
    return json_of(only_argument(args, f"signal '{DELIVER_SIGNAL}'"))


def only_argument(args: Sequence[RawValue], place: str) -> RawValue:
    """Return the one argument that `place` takes.

    Raises:
        ArvoError: There is none, or more than one.
    """
    if len(args) != 1:
        raise refusal(f"The {place} takes exactly one argument, an ArvoEvent as JSON; it got {len(args)}.")
    return args[0]
