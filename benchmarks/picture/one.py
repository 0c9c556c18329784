"""One way to draw one machine, in a process of its own: `python -m benchmarks.picture.one WAY STATES`.

Prints the milliseconds of the first picture, with all that has to be loaded for it, and of the same one again.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from time import perf_counter

from benchmarks.picture.machines import groups


def arvo_picture(states: int) -> Callable[[], object]:
    """This package."""
    picture = importlib.import_module("arvo.picture")
    config = groups(states)
    return lambda: picture.draw(config)


def mermaidx(states: int, backend: str) -> Callable[[], object]:
    """Mermaid in Python, on QuickJS or on V8."""
    statechart = importlib.import_module("arvo.statechart")
    text = statechart.create_machine(groups(states), strict=False).to_mermaid()
    renderer = importlib.import_module("mermaidx")
    return lambda: renderer.render(text, backend=backend, config={"maxTextSize": 10_000_000, "maxEdges": 100_000}).svg()


WAYS: dict[str, Callable[[int], Callable[[], object]]] = {
    "arvo.picture": arvo_picture,
    "mermaidx (v8)": lambda states: mermaidx(states, "v8"),
    "mermaidx (quickjs)": lambda states: mermaidx(states, "quickjs"),
}


def main(way: str, states: int) -> None:
    """Measure, and print both figures as JSON."""
    started = perf_counter()
    draw = WAYS[way](states)
    draw()
    cold = perf_counter() - started
    again = []
    for _ in range(5 if cold < 5 else 1):
        started = perf_counter()
        draw()
        again.append(perf_counter() - started)
    print(json.dumps({"cold": round(cold * 1000, 1), "warm": round(min(again) * 1000, 1)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
