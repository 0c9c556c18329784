"""Statecharts as drawings that one is glad to show: SVG, PNG, and trees for terminals.

    svg = draw(machine, at=snapshot)
    png = to_png(svg)

Needs the extra of its name: `pip install 'arvo-temporal[picture]'`.
"""

from arvo.picture.drawing import draw
from arvo.picture.errors import ExtraMissingError, PictureError
from arvo.picture.png import to_png
from arvo.picture.rendering import Form, form_of, rendered
from arvo.picture.source import plain_config
from arvo.picture.trees import tree
from arvo.picture.words import (
    action_words,
    delayed_words,
    event_words,
    guard_words,
    state_words,
    transition_words,
    value_words,
)

__all__ = [
    "action_words",
    "delayed_words",
    "draw",
    "event_words",
    "ExtraMissingError",
    "Form",
    "form_of",
    "guard_words",
    "PictureError",
    "plain_config",
    "rendered",
    "state_words",
    "to_png",
    "transition_words",
    "tree",
    "value_words",
]
