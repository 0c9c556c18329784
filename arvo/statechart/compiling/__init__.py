"""Compiling a definition: what is wrong in it is found here, and all that depends on it alone is worked out once.

`tree` makes the state nodes, `resolve` follows what they refer to, `implementations` compiles guards and actions;
`problems` collects what is wrong, with the place in the config and the cure.
"""

from arvo.statechart.compiling.compilation import compile_machine
from arvo.statechart.compiling.problems import at

__all__ = ["at", "compile_machine"]
