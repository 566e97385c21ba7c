"""A small study, a case of it, and the browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from SynthCore.teaching.case_file import read_case
from SynthCore.teaching.study import Study, read_study
from Testing.browser import a_browser, open_page  # noqa: F401 (fixtures)
from Testing.dicom.conftest import unpacked  # noqa: F401 (a fixture)
from Testing.teaching.a_head import CASE, write_study


@pytest.fixture(scope="session")
def a_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study and ``case.toml``."""
    folder = write_study(tmp_path_factory.mktemp("study"))
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def a_study(a_folder: Path) -> Study:
    return read_study(read_case(a_folder / "case.toml"))
