"""Run ELK, the Eclipse Layout Kernel, in an embedded V8."""

from __future__ import annotations

import atexit
import importlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from arvo.picture.errors import ExtraMissingError, PictureError

# A worker of the web is what ELK's bundle expects to be in: it hears messages and posts answers.
BEFORE: Final = "var answer, self = globalThis; self.postMessage = message => { answer = message }"
AFTER: Final = """
self.onmessage({data: {id: 0, cmd: "register", algorithms: ["layered"]}})
function layout(graph) {
  self.onmessage({data: {id: 1, cmd: "layout", graph: JSON.parse(graph), layoutOptions: {}, options: {}}})
  return JSON.stringify(answer.error ? {error: String(answer.error.message || answer.error)} : {graph: answer.data})
}
"""


def layout(graph: Mapping[str, Any]) -> Any:
    """The graph with a place for everything. The same graph gets the same layout.

    Raises:
        PictureError: ELK cannot lay it out.
        ExtraMissingError: The library that runs JavaScript is not installed.
    """
    answer = json.loads(engine().call("layout", json.dumps(graph, separators=(",", ":"))))
    if "error" in answer:
        raise PictureError(f"ELK cannot lay out this machine: {answer['error']}")
    return answer["graph"]


@cache
def engine() -> Any:
    """V8 with ELK in it, started once.

    Raises:
        ExtraMissingError: The library that runs JavaScript is not installed.
    """
    try:
        racer = importlib.import_module("py_mini_racer")
    except ImportError:
        raise ExtraMissingError("mini-racer") from None
    engine = racer.MiniRacer()
    # Left to the interpreter's end, V8's thread may wait for it forever.
    atexit.register(engine.close)
    for script in (BEFORE, files("arvo.picture").joinpath("elk/elk-worker.min.js").read_text("utf-8"), AFTER):
        engine.eval(script)
    return engine
