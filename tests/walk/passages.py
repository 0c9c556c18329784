"""What a walk consists of: words, things that happen, commands, and looks at the Temporal UI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from arvo_temporal import ArvoClient
from tests.walk.shop import Shop


@dataclass(frozen=True, slots=True)
class Said:
    """Words of the page, in Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Happens:
    """Something that happens without a word."""

    what: Callable[[Shop, ArvoClient], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Ran:
    """A command line that somebody types.

    Attributes:
        command: The line, beginning with `arvo-temporal`.
        code: Its exit code.
        shows: What its output has to show.
    """

    command: str
    code: int = 0
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at what the Temporal UI tells of an orchestration: the tab of its summary and details.

    Attributes:
        key: The key of the orchestration.
        name: Name of the picture.
        caption: What is to be seen.
        shows: What the details have to show.
    """

    key: str
    name: str
    caption: str
    shows: tuple[str, ...] = ()


Passage: TypeAlias = Said | Happens | Ran | Seen
