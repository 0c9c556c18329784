"""The troubles of an orchestration, from their begin to their end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from adapter.troubles import Trouble, TroubleKind
from arvo.events import ArvoEvent
from workflows.reports import Reports

_MOST = 32
"""Troubles of one kind that are kept one by one; of older ones only the number is."""
_TEXT_KEPT = 200
"""Characters of each text: all of them are carried from run to run."""

_Name = tuple[TroubleKind, str | None, str | None]


class Troubles:
    """What keeps an orchestration from going on as it should, oldest first.

    Args:
        kept: The troubles of an earlier run.
        older: How many older ones, by kind, that run has not kept one by one.
        reports: What metrics are told.
    """

    def __init__(
        self, kept: Iterable[Trouble] = (), older: Mapping[str, int] | None = None, reports: Reports | None = None
    ) -> None:
        self._reports = reports
        self._kept = {_name(trouble.kind, trouble.id, trouble.source): trouble for trouble in kept}
        self._older = Counter({TroubleKind(kind): number for kind, number in (older or {}).items()})

    def begin(
        self,
        kind: TroubleKind,
        event: ArvoEvent | None,
        *,
        since: str,
        code: str | None = None,
        type: str | None = None,
    ) -> None:
        """Note that a trouble has begun; one of the same event that is known keeps its beginning.

        Args:
            kind: What kind it is.
            event: The event or the request that it is about; None where what came is no event.
            since: When it has begun, in ISO 8601.
            code: Name of the violation or of the error.
            type: What stands for the type where there is no event.
        """
        event_id, source = (event.id, event.source) if event else (None, None)
        name = _name(kind, event_id, source)
        known = self._kept.pop(name, None)
        self._kept[name] = Trouble(
            kind=kind,
            id=_cut(event_id),
            source=_cut(source),
            type=_cut(event.type if event else type),
            since=known.since if known else since,
            code=_cut(code),
        )
        if known is None and self._reports is not None:
            self._reports.trouble_begins(kind)
        self._drop_oldest(kind)

    def end(self, kind: TroubleKind, event: ArvoEvent) -> None:
        """Note that what a trouble is about has been consumed, or sent again; nothing happens where there is none."""
        if self._kept.pop(_name(kind, event.id, event.source), None) is not None:
            self._tell_ended(kind, 1)

    def end_all(self, kind: TroubleKind) -> None:
        """Note that all troubles of a kind are over."""
        for trouble in self.of_kind(kind):
            self._forget(trouble)
        self._tell_ended(kind, self._older.pop(kind, 0))

    def dismiss(self, event_id: str | None = None, kind: TroubleKind | None = None) -> list[Trouble]:
        """Forget troubles that somebody has settled otherwise, and return those that were kept one by one.

        Args:
            event_id: The id of their events; None for all, the older ones included.
            kind: Their kind; None for any.
        """
        kinds = [one for one in TroubleKind if kind in (None, one)]
        found = [one for one in self.about(event_id) if one.kind in kinds]
        for trouble in found:
            self._forget(trouble)
        if event_id is None:
            for one in kinds:
                self._tell_ended(one, self._older.pop(one, 0))
        return found

    def kinds(self) -> tuple[TroubleKind, ...]:
        """Return the kinds of the present troubles, each once, in one order."""
        present = {trouble.kind for trouble in self._kept.values()} | self._older.keys()
        return tuple(kind for kind in TroubleKind if kind in present)

    def kept(self) -> list[Trouble]:
        """Return the present troubles that are kept one by one."""
        return list(self._kept.values())

    def about(self, event_id: str | None) -> list[Trouble]:
        """Return those about the events of an id, of any length; all of them for None."""
        return [one for one in self.kept() if event_id is None or one.id == _cut(event_id)]

    def of_kind(self, kind: TroubleKind) -> list[Trouble]:
        """Return those of one kind."""
        return [trouble for trouble in self._kept.values() if trouble.kind is kind]

    def older(self) -> dict[str, int]:
        """Return how many older ones, by kind, are not kept one by one."""
        return {kind.value: number for kind, number in self._older.items()}

    def _forget(self, trouble: Trouble) -> None:
        del self._kept[_name(trouble.kind, trouble.id, trouble.source)]
        self._tell_ended(trouble.kind, 1)

    def _tell_ended(self, kind: TroubleKind, number: int) -> None:
        if number and self._reports is not None:
            self._reports.trouble_ends(kind, number)

    def _drop_oldest(self, kind: TroubleKind) -> None:
        for trouble in self.of_kind(kind)[:-_MOST]:
            del self._kept[_name(kind, trouble.id, trouble.source)]
            self._older[kind] += 1


def _name(kind: TroubleKind, event_id: str | None, source: str | None) -> _Name:
    return kind, _cut(event_id), _cut(source)


def _cut(text: str | None) -> str | None:
    return text[:_TEXT_KEPT] if text else text
