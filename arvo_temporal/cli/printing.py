"""What commands print beside tables: words in a line, and JSON."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from adapter.plain_text import plain_json, plain_text


def print_words(*words: str | None) -> None:
    """Print words of anybody in one line; None and empty ones are left out."""
    print("  ".join(plain_text(word) for word in words if word))


def print_json(value: Any) -> None:
    """Print a value as indented JSON; models in it as pydantic writes them, without what is None."""
    print(plain_json(value, default=_as_json))


def _as_json(model: BaseModel) -> Any:
    return model.model_dump(mode="json", exclude_none=True)
