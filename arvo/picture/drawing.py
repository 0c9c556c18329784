"""`draw`: a machine as SVG."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from arvo.picture.chart import Chart
from arvo.picture.charting import chart_of
from arvo.picture.comparison import compared
from arvo.picture.layout import layout_of
from arvo.picture.marks import Marks, mark_changes, mark_counts, mark_findings, mark_path, mark_snapshot
from arvo.picture.source import Source, source_of
from arvo.picture.svg import svg_of
from arvo.picture.theme import Theme


def draw(
    machine: Any,
    *,
    at: Any = None,
    path: Iterable[Any] | None = None,
    counts: Mapping[str, int] | None = None,
    since: Any = None,
    findings: Iterable[Any] = (),
    theme: Theme = "light",
    collapse: Collection[str] = (),
    notes: bool = False,
    font: bool = True,
    title: str = "",
) -> str:
    """A machine as an SVG that stands alone. The same machine gives the same text.

    Each state has an element with `data-state`, its id; each transition has elements with `data-transition`, its
    path in the config. A page lights them by the classes that `at` and `path` use: `active`, `within`, `open`,
    `taken`, `last`, `visited`, `dim`.

    Args:
        machine: A StateMachine, an ArvoMachine, a Snapshot, or XState's machine config as a mapping; names in a config
            need no implementations.
        at: A snapshot, its JSON, or a state value: active states are lit, what holds them is outlined, transitions
            that are accepted now are brighter.
        path: Transitions, or their paths in the config, in the order in which they were taken: they are numbered, the
            last one is strongest, what was never visited is dimmed.
        counts: How often, by the id of a state or the path of a transition. What has none is dimmed, which shows what
            tests cover.
        since: An earlier version, in the forms of `machine`: what was added, removed or changed is shown.
        findings: What has a `path` in the config and a `problem`, such as the Problems of a DefinitionError.
        theme: `light`, `dark`, or `print`.
        collapse: States whose inside is left out, by id, key, or keys from the root joined with dots.
        notes: Whether descriptions are written into the boxes. They are hover text anyway.
        font: Whether the font is embedded; without it, the picture is small and needs a page that has Inter.
        title: What the picture is called; by default, the id of the machine.

    Returns:
        The SVG. Lengths are pixels.

    Raises:
        DefinitionError: The config is no statechart.
        RestoreError: `at` names states that the machine does not have.
        PictureError: Something else cannot be drawn, or shown on the drawing.
        ExtraMissingError: The extra `picture` is not installed.
    """
    source = source_of(machine)
    chart = chart_of(source, collapse, notes)
    if since is not None:
        chart = compared(chart, chart_of(source_of(since), collapse, notes))
    marks = Marks()
    _mark(marks, source, chart, at, path, counts)
    mark_findings(marks, chart, findings)
    return svg_of(chart, layout_of(chart), marks, theme, font=font, title=title)


def _mark(
    marks: Marks, source: Source, chart: Chart, at: Any, path: Iterable[Any] | None, counts: Mapping[str, int] | None
) -> None:
    if path is not None:
        mark_path(marks, source.machine, path)
    if counts is not None:
        mark_counts(marks, source.machine, counts)
    if at is not None:
        mark_snapshot(marks, source.machine, at)
    if chart.compared:
        mark_changes(marks, chart)
