"""A machine in one of the forms that it can be written in, as bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, TypeAlias

from arvo.picture.drawing import draw
from arvo.picture.marks import active_nodes
from arvo.picture.png import to_png
from arvo.picture.source import source_of
from arvo.picture.trees import tree
from arvo.statechart import Transition
from arvo.statechart.inspecting import event_words, to_mermaid, transition_words

Form: TypeAlias = Literal["svg", "png", "text", "mermaid"]

ENDINGS: Final[dict[str, Form]] = {".svg": "svg", ".png": "png", ".txt": "text", ".mmd": "mermaid"}
"""The form that a file is of, by the end of its name."""


def form_of(file: str) -> Form:
    """The form of a file, by the end of its name: text, where that says nothing."""
    return next((form for ending, form in ENDINGS.items() if file.lower().endswith(ending)), "text")


def rendered(
    machine: Any,
    form: Form,
    *,
    at: Any = None,
    path: Iterable[Transition] | None = None,
    scale: float = 2.0,
    **how: Any,
) -> bytes:
    """Write a machine.

    Args:
        machine: What `draw` takes.
        form: SVG and PNG are drawings; text is a tree of states; Mermaid is text that others draw.
        at: A snapshot, its JSON, or a state value, whose states are lit.
        path: The transitions taken: numbered on a drawing, listed below a tree and as comments of Mermaid.
        scale: Pixels of a PNG per pixel of the drawing.
        **how: What else `draw` or `tree` takes.

    Raises:
        DefinitionError: The config is no statechart.
        RestoreError: `at` names states that the machine does not have.
        PictureError: It cannot be drawn.
        ExtraMissingError: It takes the extra `picture`, which is not installed.
    """
    taken = None if path is None else list(path)
    match form:
        case "text":
            text = tree(machine, at=at, **how) + "".join(f"{line}\n" for line in _listed(taken or ()))
        case "mermaid":
            compiled = source_of(machine).machine
            active = active_nodes(compiled, at) if at is not None else ()
            text = to_mermaid(compiled, active) + "".join(f"%% {_commented(line)}\n" for line in _listed(taken or ()))
        case "svg" | "png":
            text = draw(machine, at=at, path=taken, **how)
            if form == "png":
                return to_png(text, scale)
    return text.encode("utf-8", "backslashreplace")


def _listed(path: Iterable[Transition]) -> Iterable[str]:
    for number, one in enumerate(path, 1):
        words = f"{number:>3}  {event_words(one)[1]}: {transition_words(one)}"
        yield " ".join(words.splitlines())


def _commented(line: str) -> str:
    """A line as a comment of Mermaid, which reads a directive wherever one stands."""
    return line.replace("%%{", "%% {")
