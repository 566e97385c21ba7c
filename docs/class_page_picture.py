"""Make the picture of the class page again: the demo study, its lesion removed, and a browser.

Run it as ``.venv/bin/python docs/class_page_picture.py [FOLDER]``; without a folder the picture in
docs/images is replaced. It needs Chromium, and shows nobody: the study is the demo study.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from SynthCore.cli.main import main

DOCS = Path(__file__).resolve().parent
CASE = DOCS / "class-page-case.toml"
SIZE = {"width": 1280, "height": 800}


def make_page(folder: Path) -> Path:
    """What the tutorial tells, in its order."""
    study, healthy = folder / "CASE", folder / "HEALTHY"
    steps = (
        ["demo", "--out", str(study), "--seed", "1"],
        ["run", "inpaint", "--input", f"T1c={study / 'T1c'}",
         "--mask", str(study / "truth" / "tumor-label.nii.gz"), "--out", str(healthy)],
        ["teach", str(shutil.copy(CASE, folder)), "--out", str(folder / "CLASS")],
    )  # fmt: skip
    for step in steps:
        if code := main(step):
            sys.exit(code)
    return folder / "CLASS" / "class-page.html"


def photograph(page_file: Path, picture: Path) -> None:
    """The first key image after the answer, with the truth."""
    with sync_playwright() as driver:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_context(viewport=SIZE, offline=True).new_page()
        page.goto(page_file.as_uri())
        page.get_by_label("High-grade glioma").check()
        for key in ("r", "t"):
            page.keyboard.press(key)
        page.locator("#keys button").first.click()
        page.wait_for_timeout(300)
        page.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    into = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "images"
    with tempfile.TemporaryDirectory() as scratch:
        photograph(make_page(Path(scratch)), into / "class-page.png")
