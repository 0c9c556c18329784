"""What can go wrong with a picture.

StatechartError
└── PictureError            something that cannot be drawn, or shown on a drawing
    └── ExtraMissingError   a library of the extra `picture` is not installed
"""

from __future__ import annotations

from typing import ClassVar

from arvo.statechart import StatechartError


class PictureError(StatechartError):
    """Something that cannot be drawn, or shown on a drawing."""

    code: ClassVar[str] = "ARVO020"


class ExtraMissingError(PictureError):
    """A library of the extra `picture` is not installed."""

    code: ClassVar[str] = "ARVO021"

    def __init__(self, library: str) -> None:
        super().__init__(f"Pictures need {library}. To fix: pip install 'arvo-temporal[picture]'")
