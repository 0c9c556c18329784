"""The graph of a machine: the shortest paths through it, event by event, as XState's `xstate/graph` has them.

    paths = shortest_paths(machine, events=[{"type": "PAY", "amount": 5}])
    coverage = covering_paths(machine)

Guards and actions are called, so data and context decide as they do when the machine runs, and timers fire when they
are due.
"""

from arvo.statechart.graph.path import Path, Step, Target, target_name, value_text
from arvo.statechart.graph.search import Coverage, Unreached, covering_paths, shortest_paths, targets_of
from arvo.statechart.graph.traversal import Events, Serialize

__all__ = [
    "Coverage",
    "covering_paths",
    "Events",
    "Path",
    "Serialize",
    "shortest_paths",
    "Step",
    "Target",
    "target_name",
    "targets_of",
    "Unreached",
    "value_text",
]
