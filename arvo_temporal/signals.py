"""Signals that are heard even while the event loop is stuck."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress


def on_signals(numbers: Sequence[signal.Signals], *reactions: Callable[[], object]) -> None:
    """Call the first reaction at the first of these signals, the next one at the next, the last one at all later ones.

    They are called on a thread of their own, since the main thread may hang in something that blocks. A SIGHUP that is
    ignored, as under `nohup`, stays so. Call it in the main thread.

    Args:
        numbers: The signals.
        reactions: What to do. That the event loop is closed already is let pass.
    """
    hearing, telling = socket.socketpair()
    telling.setblocking(False)
    signal.set_wakeup_fd(telling.detach(), warn_on_full_buffer=False)
    for number in numbers:
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: None)  # Python tells the wakeup file descriptor where there is a handler
    threading.Thread(target=_react, args=(hearing, frozenset(numbers), reactions), daemon=True).start()


def _react(
    hearing: socket.socket, numbers: frozenset[signal.Signals], reactions: Sequence[Callable[[], object]]
) -> None:
    heard = 0
    while number := hearing.recv(1):
        if number[0] in numbers:
            with suppress(RuntimeError):
                reactions[min(heard, len(reactions) - 1)]()
            heard += 1
