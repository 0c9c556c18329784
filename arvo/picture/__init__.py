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

__all__ = [
    "draw",
    "ExtraMissingError",
    "Form",
    "form_of",
    "PictureError",
    "plain_config",
    "rendered",
    "to_png",
    "tree",
]
