"""Fixtures of reader studies: one study of twenty phantom images, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from SynthCore.readers.make import Options, make_study
from SynthCore.readers.study import Study, open_study
from Testing.browser import a_browser, open_page
from Testing.readers.studies import write_images

__all__ = ["a_browser", "open_page"]

TITLE = 'Heads & "tails" <1>'


@pytest.fixture(scope="session")
def images_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_images(tmp_path_factory.mktemp("reader-images"))


@pytest.fixture(scope="session")
def made_once(images_table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reader-study") / "study"
    make_study(images_table, folder, Options(seed=4, title=TITLE))
    return folder


@pytest.fixture
def study(made_once: Path, tmp_path: Path) -> Study:
    return open_study(Path(shutil.copytree(made_once, tmp_path / "study")))
