"""Running a compiled machine: nodes, selection of transitions, exit and entry sets, microsteps, macrosteps, snapshots.

To be read in this order: `nodes`, `selection`, `sets`, `configuration`, `microstep`, `macrostep`, `snapshot`,
`transition`. It knows nothing of how a definition is written: a `CompiledMachine` is all it needs.
"""

from arvo.statechart.running.cache import Cache
from arvo.statechart.running.calls import Call, Compiled, Step
from arvo.statechart.running.compiled import CompiledMachine
from arvo.statechart.running.configuration import Configuration, Configurations, Microstep
from arvo.statechart.running.context import ContextType
from arvo.statechart.running.effects import Cancel, Effect, Emit, Schedule
from arvo.statechart.running.history import Histories, History
from arvo.statechart.running.macrostep import Macrostep, type_of
from arvo.statechart.running.microstep import microstep_of
from arvo.statechart.running.nodes import NodeType, StateNode, Transition
from arvo.statechart.running.noted import NotedStep, noted_step
from arvo.statechart.running.purity import traced
from arvo.statechart.running.selection import Selection, candidates, covers
from arvo.statechart.running.sets import EntrySet, domain_of
from arvo.statechart.running.snapshot import Snapshot, restore
from arvo.statechart.running.transition import advance, start
from arvo.statechart.running.value import StateValue, copied, matches, names_states

__all__ = [
    "advance",
    "Cache",
    "Call",
    "Cancel",
    "candidates",
    "Compiled",
    "CompiledMachine",
    "Configuration",
    "Configurations",
    "ContextType",
    "copied",
    "covers",
    "domain_of",
    "Effect",
    "Emit",
    "EntrySet",
    "Histories",
    "History",
    "Macrostep",
    "matches",
    "Microstep",
    "microstep_of",
    "names_states",
    "NodeType",
    "noted_step",
    "NotedStep",
    "restore",
    "Schedule",
    "Selection",
    "Snapshot",
    "start",
    "StateNode",
    "StateValue",
    "Step",
    "traced",
    "Transition",
    "type_of",
]
