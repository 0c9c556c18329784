"""Pictures as PNG."""

from __future__ import annotations

import importlib
from contextlib import ExitStack
from importlib.resources import as_file, files

from arvo.picture.errors import ExtraMissingError, PictureError

FONTS = ("inter-regular.ttf", "inter-semibold.ttf")


def to_png(svg: str, scale: float = 2.0) -> bytes:
    """The picture as PNG, with the font of its layout.

    Args:
        svg: What `draw` returned.
        scale: Pixels of the image per pixel of the picture.

    Raises:
        PictureError: The text is no SVG, or the scale is not above 0.
        ExtraMissingError: The library that makes images is not installed.
    """
    try:
        resvg = importlib.import_module("resvg_py")
    except ImportError:
        raise ExtraMissingError("resvg-py") from None
    if not scale > 0:
        raise PictureError(f"A scale of {scale} makes no image. To fix: write a number above 0")
    with ExitStack() as stack:
        paths = [str(stack.enter_context(as_file(files("arvo.picture").joinpath(f"font/{name}")))) for name in FONTS]
        try:
            return bytes(resvg.svg_to_bytes(svg_string=svg, font_files=paths, font_family="Inter", zoom=scale))
        except ValueError as error:
            raise PictureError(f"This is no SVG that can be drawn: {error}") from None
