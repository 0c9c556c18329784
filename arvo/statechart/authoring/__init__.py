"""What authors write into a definition: built-in actions and guards, callables, and the types of a config.

A built-in is a plain value that names what it does; it compiles itself with the help of a `Compiler`.
"""

from arvo.statechart.authoring.assign_action import assign
from arvo.statechart.authoring.built_in import BuiltInAction, BuiltInGuard, Compiler
from arvo.statechart.authoring.callables import arguments_of, bind, name_of
from arvo.statechart.authoring.cancel_action import cancel
from arvo.statechart.authoring.config import Actions, Delay, Guard, MachineConfig, StateConfig, TransitionConfig
from arvo.statechart.authoring.emit_action import emit
from arvo.statechart.authoring.enqueue_action import Enqueue, enqueue_actions
from arvo.statechart.authoring.guards import and_, not_, or_, state_in
from arvo.statechart.authoring.log_action import log
from arvo.statechart.authoring.raise_action import raise_
from arvo.statechart.authoring.reading import UNREAD, Reading, escapes, read

__all__ = [
    "Actions",
    "and_",
    "arguments_of",
    "assign",
    "bind",
    "BuiltInAction",
    "BuiltInGuard",
    "cancel",
    "Compiler",
    "Delay",
    "emit",
    "Enqueue",
    "enqueue_actions",
    "escapes",
    "Guard",
    "log",
    "MachineConfig",
    "name_of",
    "not_",
    "or_",
    "raise_",
    "read",
    "Reading",
    "state_in",
    "StateConfig",
    "TransitionConfig",
    "UNREAD",
]
