"""A series is there whole or not at all, and nothing is written over."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from SynthCore.dicom.write import export_dicom
from SynthCore.errors import ComputationError, InputError
from Testing.dicom.results import an_image, from_headers, headers, result_of

RESULT = result_of(an_image())


def test_file_names_hold_no_identifier(tmp_path: Path) -> None:
    export_dicom(result_of(from_headers(headers())), tmp_path / "out")
    names = [path.name for path in sorted((tmp_path / "out").iterdir())]
    assert names == [f"IMG{n:04d}.dcm" for n in range(1, 6)]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_parents_are_made_and_an_empty_folder_is_used(tmp_path: Path) -> None:
    export_dicom(RESULT, tmp_path / "a" / "b" / "out")
    (tmp_path / "empty").mkdir()
    export_dicom(RESULT, str(tmp_path / "empty"))
    for folder in ("a/b/out", "empty"):
        assert len(list((tmp_path / folder).iterdir())) == 5


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        export_dicom(RESULT, tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        export_dicom(RESULT, tmp_path / "out")
    with pytest.raises(InputError, match="cannot be"):
        export_dicom(RESULT, tmp_path / "out" / "deeper")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are not Windows' way to protect")
def test_an_unwritable_parent(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match="cannot be written"):
            export_dicom(RESULT, tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_disk_that_fills_up_leaves_nothing(tmp_path: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, limits[1]))
    try:
        with pytest.raises(ComputationError, match="full"):
            export_dicom(RESULT, tmp_path / "new" / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
