"""The command line: `python -m arvo.picture FILE|MODULE:MACHINE -o order.svg`."""

from __future__ import annotations

import importlib
import json
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from typing import Any, get_args

from arvo.picture.errors import PictureError
from arvo.picture.rendering import Form, form_of, rendered
from arvo.picture.source import config_source
from arvo.picture.theme import Theme
from arvo.statechart import StatechartError


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw one machine. Returns the exit code: 1 if it cannot be drawn, with the reason on standard error."""
    options = _parser().parse_args(arguments)
    try:
        written = _written(options)
        _write(options.output, written)
    except (StatechartError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        "python -m arvo.picture",
        description="Draw a statechart: XState's config in a JSON file, or a machine in a Python module.",
        epilog="Examples:\n  python -m arvo.picture machine.json -o machine.svg\n"
        "  python -m arvo.picture examples.orders.order:order_machine --at securing",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("machine", metavar="FILE|MODULE:MACHINE", help="a JSON file, or a name in a Python module")
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="where to write; - is standard output")
    parser.add_argument(
        "--format", choices=get_args(Form), help="by default, that of the file's name; else text, a tree"
    )
    parser.add_argument(
        "--at", metavar="STATES", help="active states: a path of keys, a state value or snapshot in JSON"
    )
    parser.add_argument("--since", metavar="FILE|MODULE:MACHINE", help="an earlier version to compare with")
    parser.add_argument("--collapse", action="append", default=[], metavar="STATE", help="leave out what is in a state")
    parser.add_argument("--theme", choices=get_args(Theme), default="light")
    parser.add_argument("--notes", action="store_true", help="write descriptions into the boxes")
    parser.add_argument("--no-font", action="store_true", help="do not embed the font in an SVG")
    parser.add_argument("--title", default="", help="what the picture is called")
    parser.add_argument("--scale", type=float, default=2.0, help="pixels of a PNG per pixel of the picture (2)")
    parser.add_argument("--transitions", action="store_true", help="list transitions in a tree")
    parser.add_argument("--ascii", action="store_true", help="a tree without letters beyond ASCII")
    parser.add_argument("--columns", type=int, default=80, help="columns of a tree (80)")
    return parser


def _written(options: Namespace) -> bytes:
    machine, at = _load(options.machine), _value(options.at)
    kind = options.format or form_of(options.output)
    if kind == "text":
        how = {"transitions": options.transitions, "ascii": options.ascii, "columns": options.columns}
        return rendered(machine, "text", at=at, **how)
    if kind == "mermaid":
        return rendered(machine, "mermaid", at=at)
    return rendered(
        machine,
        kind,
        at=at,
        since=None if options.since is None else _load(options.since),
        theme=options.theme,
        collapse=options.collapse,
        notes=options.notes,
        font=not options.no_font,
        title=options.title,
        scale=options.scale,
    )


def _load(name: str) -> Any:
    module, colon, attribute = name.rpartition(":")
    if colon and not name.endswith(".json"):
        return _imported(module, attribute)
    with open(name, encoding="utf-8") as file:
        try:
            config = json.load(file)
        except (ValueError, RecursionError) as error:
            raise PictureError(f"{name} is no JSON: {error}") from None
    config_source(config)
    return config


def _imported(module: str, attribute: str) -> Any:
    try:
        found: Any = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise PictureError(f"{module}:{attribute} cannot be loaded: {error}") from None
    return found


def _value(text: str | None) -> Any:
    """States given on the command line: JSON, or keys joined with dots."""
    if text is None:
        return None
    if text.lstrip().startswith(("{", '"')):
        try:
            return json.loads(text)
        except ValueError as error:
            raise PictureError(f"--at is no JSON: {error}") from None
    *outer, value = text.split(".")
    found: Any = value
    for key in reversed(outer):
        found = {key: found}
    return found


def _write(output: str, content: bytes) -> None:
    if output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    with open(output, "wb") as file:
        file.write(content)
