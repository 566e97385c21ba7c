"""Make the picture of docs/reader-study.md again: the page of a study of phantom heads.

`.venv/bin/python docs/reader_study_picture.py`, with Chromium installed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from SynthCore.readers.make import Options, make_study  # noqa: E402
from SynthCore.readers.page import write_page  # noqa: E402
from SynthCore.readers.study import open_key  # noqa: E402
from Testing.readers.reading import begin, waits_for  # noqa: E402
from Testing.readers.studies import write_images  # noqa: E402


def main() -> None:
    """Answer by keys until a synthetic case comes, and take a picture of it."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        table = write_images(folder / "images", 3, spacing=1.2, slices=7)
        study, _ = make_study(table, folder / "study", Options(seed=1, title="Phantom heads"))
        key = open_key(study)
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 760})
        page.goto(write_page(folder / "page.html", study).as_uri())
        begin(page, "reader-1")
        while key[waits_for(page)].truth != "synthetic":
            for digit in "2544":
                page.keyboard.press(digit)
            page.keyboard.press("Enter")
            page.wait_for_timeout(500)
        for digit in "52":
            page.keyboard.press(digit)
        page.wait_for_timeout(300)
        picture = ROOT / "docs" / "images" / "reader-study.png"
        page.screenshot(path=picture)
        Image.open(picture).quantize(128).save(picture, optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
