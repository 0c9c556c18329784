"""Small signs beside texts, as paths in a field of 12 by 12."""

from __future__ import annotations

from typing import Final

ICONS: Final[dict[str, str]] = {
    "after": "M6 1a5 5 0 1 0 .01 0M6 3.4V6l2 1.4",
    "always": "M1 6h8M6.5 3 9.5 6l-3 3M11 2v8",
    "done": "M6 1a5 5 0 1 0 .01 0M3.6 6.2l1.7 1.7 3-3.6",
    "error": "M6 1.2 11.2 10.6H.8ZM6 4.6v2.6M6 8.6v.6",
    "emit": "M1 2.5h10v7H1ZM1 3l5 4 5-4",
    "nested": "M1 1h10v10H1ZM4 4.5h4v3.5H4Z",
    "forbidden": "M6 1a5 5 0 1 0 .01 0M2.5 2.5l7 7",
    "own": "M9.8 4A4.4 4.4 0 1 0 10.4 6.4M10.2 1v3.2H7",
    "reenter": "M2 10V5.5a3 3 0 0 1 3-3h5M7.5 0 10.2 2.5 7.5 5",
}
