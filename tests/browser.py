"""A real browser, headless, for pages of this machine: Chromium driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
"""Nothing of its own goes out, and root may run it."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Run a browser; a test without one fails and names the package that has it."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.fail("There is no Chromium: install the package of that name, as in  apt-get install chromium")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=_QUIET)
        try:
            yield running
        finally:
            await running.close()


@asynccontextmanager
async def page(width: int = 1280, height: int = 900) -> AsyncIterator[Page]:
    """Open an empty page that reaches this machine alone."""
    async with browser() as running:
        context = await running.new_context(viewport={"width": width, "height": height})
        await context.route("**/*", _within_this_machine)
        yield await context.new_page()


async def _within_this_machine(route: Route) -> None:
    if urlsplit(route.request.url).hostname in (*_LOOPBACK, None):
        await route.continue_()
    else:
        await route.abort()
