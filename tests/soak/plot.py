"""The plot of a soak: an SVG of panels over one axis of time, with a line for each worker that was killed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.soak.run import Soak
from tests.soak.samples import Process, Sample

_WIDTH, _LEFT, _RIGHT = 860, 64, 24
_TOP, _PANEL, _GAP, _BOTTOM = 104, 116, 52, 44
_STYLE = """
svg { --ink: #1f2328; --muted: #59636e; --grid: #d8dee4; --paper: #ffffff; --a: #2a78d6; --b: #1a8f64; --c: #c2541d; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #f0f3f6; --muted: #9ea7b3; --grid: #30363d; --paper: #0d1117; --a: #58a0f0; --b: #2fb383; --c: #e8814b; }
}
.paper { fill: var(--paper); }
text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: var(--muted); }
.title { font-size: 17px; font-weight: 600; fill: var(--ink); }
.name { font-size: 13px; font-weight: 600; fill: var(--ink); }
.number { font-variant-numeric: tabular-nums; text-anchor: end; }
.moment { font-variant-numeric: tabular-nums; text-anchor: middle; }
.grid { stroke: var(--grid); stroke-width: 1; }
.kill { stroke: var(--muted); stroke-width: 1; opacity: 0.55; }
.term { stroke-dasharray: 3 4; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.thin { stroke-width: 1.25; opacity: 0.6; }
.a { stroke: var(--a); } .b { stroke: var(--b); } .c { stroke: var(--c); }
"""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a panel.

    Attributes:
        name: What its legend says; empty for one that shares that of another line.
        style: Its classes of CSS.
        points: Seconds and values.
    """

    name: str
    style: str
    points: Points


@dataclass(frozen=True, slots=True)
class Panel:
    """What shares an axis of values.

    Attributes:
        name: Its heading.
        series: Its lines.
        from_zero: Whether its axis begins at 0.
    """

    name: str
    series: Sequence[Series]
    from_zero: bool = True


def draw(made: Soak) -> str:
    """Return the plot of a soak, as SVG that fits light and dark surroundings."""
    panels, end = _panels(made.samples), made.samples[-1].seconds
    height = _TOP + len(panels) * (_PANEL + _GAP) - _GAP + _BOTTOM
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'role="img" aria-labelledby="title">',
        f'<title id="title">{escape(_title(made))}</title>',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{height}" rx="8"/>',
        f'<text class="title" x="{_LEFT}" y="34">{escape(_title(made))}</text>',
        *_kill_legend(),
    ]
    for position, panel in enumerate(panels):
        top = _TOP + position * (_PANEL + _GAP)
        lines += [*_kill_lines(made, top, end), *_draw_panel(panel, top, end)]
    lines += [*_moments(end, height), "</svg>"]
    return "\n".join(lines) + "\n"


def _title(made: Soak) -> str:
    last = made.samples[-1]
    time = f"{last.seconds / 60:.0f} minutes" if last.seconds >= 120 else f"{last.seconds:.0f} seconds"
    return f"A soak of {time}: {last.started:,} orchestrations started, {len(made.kills)} workers killed"


def _panels(samples: Sequence[Sample]) -> list[Panel]:
    def spared(value: Callable[[Process], float | None]) -> list[tuple[float, float]]:
        first = samples[0].workers[0].pid
        return [(s.seconds, y) for s in samples for p in s.workers if p.pid == first and (y := value(p)) is not None]

    others = dict.fromkeys(process.pid for sample in samples for process in sample.workers[1:])
    killed = [
        Series("" if number else "workers that are killed", "thin b", _memory_of(samples, pid))
        for number, pid in enumerate(others)
    ]
    servers = [(sample.seconds, sample.server.memory) for sample in samples if sample.server]
    return [
        Panel(
            "Memory of the workers, MB",
            [*killed, Series("the worker that is spared", "a", spared(lambda p: p.memory))],
            from_zero=False,
        ),
        Panel("Memory of the server, MB", [Series("", "a", servers)]),
        Panel(
            "Workflows, nested ones included",
            [
                Series("completed", "a", [(s.seconds, s.finished) for s in samples]),
                Series("open", "c", [(s.seconds, s.open) for s in samples]),
            ],
        ),
        Panel(
            "Of the worker that is spared",
            [
                Series("threads", "a", spared(lambda p: p.threads)),
                Series("descriptors", "b", spared(lambda p: p.descriptors)),
                Series("tasks", "c", spared(lambda p: p.tasks)),
            ],
        ),
    ]


def _memory_of(samples: Sequence[Sample], pid: int) -> Points:
    return [(sample.seconds, process.memory) for sample in samples for process in sample.workers if process.pid == pid]


def _draw_panel(panel: Panel, top: float, end: float) -> Iterator[str]:
    values = [y for series in panel.series for _, y in series.points] or [0.0]
    marks = _marks(0.0 if panel.from_zero else min(values), max(values))
    low, high = marks[0], marks[-1]

    def y_of(value: float) -> float:
        return top + _PANEL * (1 - (value - low) / (high - low))

    yield f'<text class="name" x="{_LEFT}" y="{top - 14:g}">{escape(panel.name)}</text>'
    yield from _legend([series for series in panel.series if series.name], top - 18)
    for mark in marks:
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y_of(mark):.1f}" y2="{y_of(mark):.1f}"/>'
        yield f'<text class="number" x="{_LEFT - 8}" y="{y_of(mark) + 4:.1f}">{mark:,g}</text>'
    for series in panel.series:
        path = " ".join(f"{_x(x, end):.1f},{y_of(y):.1f}" for x, y in series.points)
        yield f'<polyline class="line {series.style}" points="{path}"/>'


def _legend(series: Sequence[Series], y: float) -> Iterator[str]:
    x = float(_WIDTH - _RIGHT)
    for one in reversed(series):
        x -= 6.6 * len(one.name)
        yield f'<text x="{x:g}" y="{y + 4:g}">{escape(one.name)}</text>'
        yield f'<line class="line {one.style}" x1="{x - 24:g}" x2="{x - 6:g}" y1="{y:g}" y2="{y:g}"/>'
        x -= 40


def _kill_legend() -> Iterator[str]:
    for x, style, name in ((_LEFT, "", "a worker gets SIGKILL"), (_LEFT + 170, " term", "a worker gets SIGTERM")):
        yield f'<line class="kill{style}" x1="{x + 4}" x2="{x + 4}" y1="48" y2="62"/>'
        yield f'<text x="{x + 14}" y="59">{name}</text>'


def _kill_lines(made: Soak, top: float, end: float) -> Iterator[str]:
    for kill in made.kills:
        x, style = _x(kill.seconds, end), " term" if kill.signal == "TERM" else ""
        yield f'<line class="kill{style}" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{top + _PANEL}"/>'


def _moments(end: float, height: float) -> Iterator[str]:
    unit, name = (60.0, "minutes") if end >= 120 else (1.0, "seconds")
    for mark in _marks(0.0, end / unit):
        if mark * unit <= end:
            last = f" {name}" if mark == 0 else ""
            yield f'<text class="moment" x="{_x(mark * unit, end):.1f}" y="{height - 20}">{mark:g}{last}</text>'


def _x(seconds: float, end: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * seconds / end


def _marks(low: float, high: float) -> list[float]:
    """Return four to six round numbers that include all from `low` to `high`."""
    span = max(high - low, 1.0)
    power = 10 ** math.floor(math.log10(span / 4))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if span / (power * factor) <= 5)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]
