"""Where vectors are: in this repository a part of them, beside a checkout perhaps all, or in a folder that is given."""

from __future__ import annotations

import os
from pathlib import Path

_SHIPPED = Path(__file__).parent / "vectors"
_WHOLE = Path(__file__).parents[3] / "shared" / "conformance"


def vector_folder(kind: str) -> Path:
    """Return the folder that `ARVO_VECTORS` or `STATECHART_VECTORS` names, or `kind` in it; else the shipped one."""
    given = Path(os.environ.get(f"{kind.upper()}_VECTORS") or _SHIPPED)
    return given / kind if (given / kind).is_dir() else given


def vector_folders(kind: str) -> list[Path]:
    """Return the shipped folder, and that of the whole set where it is here."""
    return [folder / kind for folder in (_SHIPPED, _WHOLE) if (folder / kind).is_dir()]


def whole_folder(kind: str) -> Path | None:
    """Return the folder that `<KIND>_VECTORS` names, or that of the whole set beside the checkout, if it is here."""
    given = Path(os.environ.get(f"{kind.upper()}_VECTORS") or _WHOLE / kind)
    return given if given.is_dir() else None
