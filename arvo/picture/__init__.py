"""Statecharts as drawings that one is glad to show: SVG, PNG, and trees for terminals.

    svg = draw(machine, at=snapshot)
    png = to_png(svg)

Needs the extra of its name: `pip install 'arvo-temporal[picture]'`.
"""

from arvo.picture.dialects import OPAQUE, as_v5, guards_in
from arvo.picture.drawing import draw
from arvo.picture.errors import ExtraMissingError, PictureError
from arvo.picture.png import to_png
from arvo.picture.rendering import Form, form_of, rendered
from arvo.picture.source import plain_config
from arvo.picture.trees import tree

__all__ = [
    "as_v5",
    "draw",
    "ExtraMissingError",
    "Form",
    "form_of",
    "guards_in",
    "OPAQUE",
    "PictureError",
    "plain_config",
    "rendered",
    "to_png",
    "tree",
]
