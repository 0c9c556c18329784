"""`log`: write a line to the logger `arvo.statechart`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, ClassVar

from arvo.statechart.authoring.built_in import BuiltInAction, Compiler
from arvo.statechart.running import Compiled, Step

logger = logging.getLogger("arvo.statechart")


@dataclass(frozen=True, slots=True)
class Log(BuiltInAction):
    """The action that `log` makes."""

    type: ClassVar[str] = "xstate.log"
    value: Any = None
    label: str | None = None

    def compile(self, compiler: Compiler) -> Compiled:
        """See `BuiltInAction.compile`."""
        compute, label = compiler.expression(self.value), self.label

        def run(step: Step, params: Any) -> None:
            value = compute(step, params)
            if label is None:
                logger.info("%s", value)
            else:
                logger.info("%s: %s", label, value)

        return run


def log(value: Any = None, label: str | None = None) -> Log:
    """Write a line at level INFO to the logger `arvo.statechart`; it is no effect and changes nothing.

    Args:
        value: What to write, or a callable that computes it.
        label: Text in front of it.
    """
    return Log(value, label)
