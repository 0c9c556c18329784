"""The crash: this process ends by SIGKILL in the middle of a turn of the model, as `kill -9` would end it."""

from __future__ import annotations

import os
import signal

from examples.agent.chat_model import OnText

_PIECES = 3


def crashing_in_turn(turn: int, on_text: OnText) -> OnText:
    """Return a listener that hands on what a model writes, until this process is killed within a turn.

    Args:
        turn: In which turn, counted from 1.
        on_text: Told each piece before that.
    """
    pieces = 0

    def listen(number: int, text: str) -> None:
        nonlocal pieces
        on_text(number, text)
        pieces += number == turn
        if pieces == _PIECES:
            os.kill(os.getpid(), signal.SIGKILL)

    return listen
