"""A real browser for a test that opens a page: Debian's Chromium, headless, with the network off.

A conftest that wants it imports both fixtures: `from Testing.browser import a_browser, open_page`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

__all__ = ["OpenPage", "a_browser", "open_page"]

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
SIZE = (1280, 800)
LOOPBACK = ("127.0.0.1", "localhost")
OWN = ("file", "data", "blob", "about")
"""Schemes of addresses that need no network."""

ARGUMENTS = (
    "--no-sandbox",  # it refuses to run as root otherwise, as containers do
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


class OpenPage(Protocol):
    """Opens a file, or an address of this machine, in a window of a size (width, height)."""

    def __call__(self, address: Path | str, size: tuple[int, int] = SIZE) -> Page: ...


@pytest.fixture(scope="module")
def a_browser() -> Iterator[Browser]:
    """A browser that only the tests of a file use.

    Not of the session: while it is open, no event loop of another library can run.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("a browser is missing: install the package chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(a_browser: Browser) -> Iterator[OpenPage]:
    """Opens pages; after the test, no request may have left and no script may have failed."""
    left: list[str] = []
    failed: list[str] = []
    contexts = []

    def let_through(route: Route, request: Request) -> None:
        if stays_here(request.url):
            route.continue_()
        else:
            left.append(request.url)
            route.abort()

    def opened(address: Path | str, size: tuple[int, int] = SIZE) -> Page:
        width, height = size
        from_file = isinstance(address, Path)
        context = a_browser.new_context(
            viewport={"width": width, "height": height}, offline=from_file, accept_downloads=True
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.route("**/*", let_through)
        page = context.new_page()
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(address.resolve().as_uri() if isinstance(address, Path) else address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not left, f"the page asked for {left}"
    assert not failed, f"a script of the page failed: {failed}"


def stays_here(address: str) -> bool:
    """Whether an address is the page's own or this machine's."""
    parts = urlsplit(address)
    return parts.scheme in OWN or parts.hostname in LOOPBACK
