"""The browser of the tests itself: it opens a file, and lets nothing out."""

from __future__ import annotations

from pathlib import Path

import pytest

from Testing.browser import OpenPage, a_browser, open_page, stays_here  # noqa: F401 (fixtures)


def test_it_opens_a_file_and_presses_keys(open_page: OpenPage, tmp_path: Path) -> None:  # noqa: F811
    page_file = tmp_path / "page.html"
    page_file.write_text(
        "<title>A page</title><p id=key></p><script>"
        "onkeydown = e => document.getElementById('key').textContent = e.key</script>"
    )
    page = open_page(page_file, (1024, 768))
    assert page.title() == "A page"
    page.keyboard.press("PageDown")
    assert page.inner_text("#key") == "PageDown"
    assert page.evaluate("innerWidth") == 1024


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("file:///tmp/page.html", True),
        ("data:image/png;base64,AAAA", True),
        ("http://127.0.0.1:8000/case", True),
        ("https://example.org/font.woff", False),
        ("http://127.0.0.1.example.org/", False),
    ],
)
def test_it_knows_what_leaves(address: str, here: bool) -> None:
    assert stays_here(address) is here
