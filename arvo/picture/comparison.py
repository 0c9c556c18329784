"""Two versions of a machine in one chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from arvo.picture.chart import Arrow, Chart, State


def compared(new: Chart, old: Chart) -> Chart:
    """The new version, with what it has lost, and with what has changed said of each part.

    States are the same if their keys from the root down are; transitions, if they have the same path in the config.
    """
    return _Comparison(new, old).chart()


class _Comparison:
    def __init__(self, new: Chart, old: Chart) -> None:
        self.new, self.old = new, old
        self.new_ids = {state.path: state.id for state in new.states}
        self.old_states = {state.path: state for state in old.states}
        self.old_arrows = {arrow.id: arrow for arrow in old.arrows}
        taken = set(self.new_ids.values())
        self.ids = {
            state.id: self.new_ids.get(state.path) or (state.id if state.id not in taken else f"{state.id} (removed)")
            for state in old.states
        }

    def chart(self) -> Chart:
        states = [self.state(state) for state in self.new.states]
        arrows = [self.arrow(arrow) for arrow in self.new.arrows]
        here = {arrow.id for arrow in arrows}
        starts = {arrow.source for arrow in arrows if arrow.kind == "initial"}
        gone = [arrow for arrow in self.removed_arrows() if arrow.id not in here]
        return Chart(
            self.new.id,
            (*states, *self.removed_states()),
            (*arrows, *(arrow for arrow in gone if arrow.kind != "initial" or arrow.source not in starts)),
            compared=True,
        )

    def state(self, state: State) -> State:
        old = self.old_states.get(state.path)
        if old is None:
            return replace(state, change="added")
        differs = (state.kind, state.lines, state.tags, state.description) != (
            old.kind, old.lines, old.tags, old.description,
        )  # fmt: skip
        return replace(state, change="changed" if differs else "")

    def arrow(self, arrow: Arrow) -> Arrow:
        old = self.old_arrows.get(arrow.id)
        if old is None:
            return replace(arrow, change="added")
        return replace(arrow, change="" if arrow == self.moved(old) else "changed")

    def moved(self, arrow: Arrow) -> Arrow:
        """An arrow of the old version between states of this chart."""
        return replace(arrow, source=self.ids[arrow.source], target=self.ids[arrow.target])

    def removed_states(self) -> Iterator[State]:
        for state in self.old.states:
            if state.path not in self.new_ids:
                yield replace(state, id=self.ids[state.id], parent=self.ids[state.parent], change="removed")

    def removed_arrows(self) -> Iterator[Arrow]:
        for arrow in self.old.arrows:
            yield replace(self.moved(arrow), change="removed")
