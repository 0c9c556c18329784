"""Colours and styles of a picture, as CSS that browsers and renderers without variables understand.

The colours of meaning are those of Okabe and Ito, which people tell apart who see colours otherwise; each comes with
a sign, a number or a kind of line.
"""

from __future__ import annotations

from string import Template
from typing import Final, Literal, TypeAlias, get_args

from arvo.picture.errors import PictureError

Theme: TypeAlias = Literal["light", "dark", "print"]

THEMES: Final[dict[str, dict[str, str]]] = {
    "light": {
        "ground": "#ffffff", "box": "#f8fafc", "bar": "#e9eef5", "inner": "#ffffff", "edge": "#64748b",
        "ink": "#0f172a", "quiet": "#526075", "line": "#475569", "pill": "#ffffff", "pilledge": "#cbd5e1",
        "chip": "#e2e8f0", "lit": "#fde68a", "litedge": "#b45309", "open": "#0072b2", "path": "#0072b2",
        "added": "#00805a", "removed": "#c2410c", "changed": "#a8437f", "find": "#b45309", "badge": "#0f172a",
        "badgeink": "#ffffff",
    },
    "dark": {
        "ground": "#0d1117", "box": "#161b22", "bar": "#242c38", "inner": "#11161d", "edge": "#8b98a9",
        "ink": "#f0f6fc", "quiet": "#a3b1c2", "line": "#a3b1c2", "pill": "#0d1117", "pilledge": "#3d4856",
        "chip": "#303a48", "lit": "#463300", "litedge": "#f2b632", "open": "#56b4e9", "path": "#56b4e9",
        "added": "#2fc898", "removed": "#ff8a5c", "changed": "#e39ac6", "find": "#f2b632", "badge": "#f0f6fc",
        "badgeink": "#0d1117",
    },
    "print": {
        "ground": "#ffffff", "box": "#ffffff", "bar": "#ffffff", "inner": "#ffffff", "edge": "#000000",
        "ink": "#000000", "quiet": "#333333", "line": "#000000", "pill": "#ffffff", "pilledge": "#999999",
        "chip": "#eeeeee", "lit": "#d9d9d9", "litedge": "#000000", "open": "#000000", "path": "#000000",
        "added": "#000000", "removed": "#000000", "changed": "#000000", "find": "#000000", "badge": "#000000",
        "badgeink": "#ffffff",
    },
}  # fmt: skip

BASE: Final = """\
text{font-family:Inter,"Noto Sans",sans-serif;font-size:12px;fill:$ink;white-space:pre}
.ground{fill:$ground}
.box{fill:$box;stroke:$edge;stroke-width:1.3}
.bar{fill:$bar}
.rule{stroke:$edge;stroke-width:.8}
.depth1>.box{fill:$inner}
.region>.box{fill:none;stroke:none}
.region.touched>.box{stroke:$pilledge;stroke-dasharray:2 3}
.divider{stroke:$edge;stroke-dasharray:7 5}
.ring{fill:none;stroke:$edge;stroke-width:1.1}
.dot{fill:$line}
.title{font-size:14px;font-weight:600}
text.event{font-weight:600}
.quiet,.note{fill:$quiet}
.guard,.action,.chip,.reenter,.l .emit,.l .nested{font-size:11px}
.guard,.reenter,.emit,.nested{fill:$quiet}
.w{pointer-events:none}
.w text{paint-order:stroke;stroke:$box;stroke-width:3px;stroke-linejoin:round}
.depth1 text{stroke:$inner}
.w.barred .title{stroke:$bar}
.w .chip{stroke:none}
.chips{fill:$chip}
.icon{fill:none;stroke:$quiet;stroke-width:1.3}
.line{fill:none;stroke:$line;stroke-width:1.4}
.head{fill:$line;stroke:$line;stroke-width:1.2;stroke-linejoin:round}
.hollow{fill:$ground}
.always .line{stroke-dasharray:6 4}
.done .line{stroke-dasharray:1.5 3.5;stroke-linecap:round}
.default .line{stroke-dasharray:3 3}
.pill{fill:$pill;stroke:$pilledge}
.badge{fill:$badge}
.badges text{fill:$badgeink;font-size:11px;font-weight:600;text-anchor:middle}
.key text{font-size:12px}
.state:focus,.arrow:focus{outline:2px solid $open}
"""

SHOWN: Final = """\
.dim text,.dim .icon,.dim .line,.dim .head,.dim>.ring,.dim>.dot,.dim .chips{opacity:.38}
.dim>.box,.dim>.pill,.dim>.rule,.dim>.divider{stroke-opacity:.38}
.dim>.bar{fill-opacity:.5}
.active>.box{fill:$lit;stroke:$litedge;stroke-width:2.6}
.w.active text,.w.active .title{stroke:$lit}
.active>.bar{fill:$lit}
.within>.box{stroke:$litedge;stroke-width:2.2}
.region.within>.box{stroke-width:1.2}
.open .line{stroke:$open;stroke-width:2.4}
.open .head{fill:$open;stroke:$open}
.open .hollow{fill:$ground}
.open .pill{stroke:$open;stroke-width:1.8}
.taken .line{stroke:$path;stroke-width:2.2}
.taken .head{fill:$path;stroke:$path}
.taken .pill{stroke:$path;stroke-width:1.6}
.last .line{stroke-width:4}
.last .pill{stroke-width:3}
.visited>.box{stroke:$path;stroke-width:2}
.region.visited>.box{stroke:none}
.own.open,.own.taken{fill:$open}
.own.dim{opacity:.38}
.added>.box{stroke:$added;stroke-width:2.4}
.removed>.box{stroke:$removed;stroke-width:2;stroke-dasharray:4 3}
.changed>.box{stroke:$changed;stroke-width:2.4}
.added .line{stroke:$added;stroke-width:2.2}
.added .head{fill:$added;stroke:$added}
.added .pill{stroke:$added}
.removed .line{stroke:$removed;stroke-dasharray:4 3;stroke-width:2}
.removed .head{fill:$removed;stroke:$removed}
.removed .pill{stroke:$removed;stroke-dasharray:4 3}
.removed text,.w.removed .title{text-decoration:line-through;stroke:none}
.changed .line{stroke:$changed;stroke-width:2.2}
.changed .head{fill:$changed;stroke:$changed}
.changed .pill{stroke:$changed}
.b-added .badge{fill:$added}
.b-removed .badge{fill:$removed}
.b-changed .badge{fill:$changed}
.b-step .badge{fill:$path}
.b-find .badge{fill:$find}
.b-added text,.b-removed text,.b-changed text,.b-step text,.b-find text{fill:$ground}
"""


def css(theme: str, *, shown: bool) -> str:
    """The style sheet of a theme.

    Args:
        theme: `light`, `dark` or `print`.
        shown: Whether something is shown on the drawing, such as a snapshot.

    Raises:
        PictureError: There is no such theme.
    """
    if theme not in THEMES:
        raise PictureError(f"{theme!r} is no theme. To fix: write one of {', '.join(get_args(Theme))}")
    return Template(BASE + (SHOWN if shown else "")).substitute(THEMES[theme]).replace("\n", "")
