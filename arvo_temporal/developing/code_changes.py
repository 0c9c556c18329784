"""Tells when code changes: the Python files below the folders that are watched."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from collections.abc import Sequence
from pathlib import Path

from adapter.errors import AppError


class CodeChanges:
    """Watches Python files, those of virtual environments and caches left out.

    Args:
        folders: What is watched, with all that is below.

    Raises:
        AppError: The library that watches is not installed, or one of them is no folder.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        if importlib.util.find_spec("watchfiles") is None:
            raise AppError("Code is watched by watchfiles: install it with  pip install 'arvo-temporal[server]'")
        for folder in folders:
            if not folder.is_dir():
                raise AppError(f"'{folder}' cannot be watched: there is no such folder.")
        self._folders = folders
        self._changed: set[str] = set()
        self._come = asyncio.Event()

    async def watch(self) -> None:
        """Watch until it is cancelled."""
        from watchfiles import PythonFilter, awatch

        logging.getLogger("watchfiles").setLevel(logging.WARNING)  # at INFO it counts changes
        ended = asyncio.Event()
        try:
            async for changes in awatch(*self._folders, watch_filter=PythonFilter(), stop_event=ended):
                self._changed |= {path for _, path in changes}
                self._come.set()
        finally:
            ended.set()

    async def next(self) -> list[str]:
        """Wait for a change, and return the paths of the files that have changed since the last one, sorted."""
        await self._come.wait()
        self._come.clear()
        changed, self._changed = sorted(self._changed), set()
        return changed
