"""Pictures as PNG."""

from __future__ import annotations

import pytest

from arvo.picture import PictureError, draw, to_png
from tests.arvo.picture.machines import FETCH


def test_an_image_is_as_large_as_the_picture_times_the_scale() -> None:
    svg = draw(FETCH)
    sizes = [int.from_bytes(to_png(svg, scale)[16:20], "big") for scale in (1, 2)]
    assert sizes[1] == 2 * sizes[0]
    assert f'width="{sizes[0]}"' in svg


@pytest.mark.parametrize(
    ("svg", "scale"), [("no svg", 1), (draw(FETCH), 0), (draw(FETCH), -1), (draw(FETCH), float("nan"))]
)
def test_what_is_no_image_is_refused(svg: str, scale: float) -> None:
    with pytest.raises(PictureError, match="no SVG" if scale == 1 else "makes no image"):
        to_png(svg, scale)
