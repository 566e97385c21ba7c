"""Scans of the phantom as DICOM: marked, and whole or not there."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from SynthCore.dicom.marks import missing_marks
from SynthCore.dicom.phantom import PhantomStudy, ct_header, mr_header, write_series
from SynthCore.errors import ComputationError
from SynthCore.files.verify import verify_folder
from SynthCore.image import Image, make_affine
from SynthCore.physics.mr_scan import SEQUENCES
from SynthCore.staging import new_folder

STUDY = PhantomStudy(3, "1.2.3", "1.2.4", datetime(2025, 1, 2, tzinfo=UTC))
IMAGE = Image(np.arange(240, dtype=np.int16).reshape(4, 6, 10), make_affine((1, 1, 3), (5, 6, 7)))
HEADERS = {**{role: mr_header(role) for role in SEQUENCES}, "CT": ct_header("CT", 0.25)}


@pytest.mark.parametrize(("name", "header"), HEADERS.items(), ids=HEADERS)
def test_every_object_is_marked_and_holds_its_slice(
    tmp_path: Path, name: str, header: Dataset
) -> None:
    write_series(tmp_path / name, IMAGE, header, STUDY, 2)
    for k, path in enumerate(sorted((tmp_path / name).iterdir())):
        item = dcmread(path)
        assert missing_marks(item) == ()
        assert item.ImagePositionPatient == [5, 6, 7 + 3 * k]
        intercept = -1024 if name == "CT" else 0
        np.testing.assert_array_equal(item.pixel_array.astype(int) + intercept, IMAGE.voxels[k])


@pytest.mark.parametrize("role", ["T1c", "CT"])
def test_a_series_verifies_and_one_pixel_less_does_not(tmp_path: Path, role: str) -> None:
    write_series(tmp_path / "out", IMAGE, HEADERS[role], STUDY, 2)
    assert verify_folder(tmp_path).ok
    item = dcmread(tmp_path / "out" / "0002.dcm")
    item.PixelData = bytes(len(item.PixelData))
    item.save_as(tmp_path / "out" / "0002.dcm")
    (file,) = (file for file in verify_folder(tmp_path).files if not file.ok)
    assert file.findings[0] == "The pixels were changed: they do not match the record."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_disk_that_fills_up_is_named(tmp_path: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(ComputationError, match="full"), new_folder(tmp_path / "study") as part:
            write_series(part / "CT", IMAGE, ct_header("CT", 1.0), STUDY, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
