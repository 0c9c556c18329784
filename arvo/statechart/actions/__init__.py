"""The built-in actions, one module each."""

from arvo.statechart.actions.assign import assign
from arvo.statechart.actions.builtin import BuiltInAction
from arvo.statechart.actions.cancel import cancel
from arvo.statechart.actions.emit import emit
from arvo.statechart.actions.enqueue_actions import Enqueue, enqueue_actions
from arvo.statechart.actions.log import log
from arvo.statechart.actions.raise_ import raise_

__all__ = ["assign", "BuiltInAction", "cancel", "emit", "Enqueue", "enqueue_actions", "log", "raise_"]
