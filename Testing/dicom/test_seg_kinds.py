"""Segmentations of other programs: label maps and fractional ones."""

from __future__ import annotations

from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.sr.codedict import codes

from SynthCore.dicom.deidentify import deidentify
from SynthCore.dicom.seg.read import is_seg, read_seg
from SynthCore.errors import InputError
from SynthCore.files.mask import read_mask
from SynthCore.files.read import read
from Testing.dicom.odd_series import series, voxels

SHAPE = (5, 16, 18)
EMPTY = ("StudyTime", "StudyID", "AccessionNumber", "PatientSex", "ReferringPhysicianName")
KINDS = hd.seg.SegmentationTypeValues


def labels() -> np.ndarray:
    made = np.zeros(SHAPE, np.uint8)
    made[1:4, 4:10, 4:10] = 1
    made[2, 6:8, 6:8] = 2
    return made


def segmentation(folder: Path, array: np.ndarray, kind: KINDS, count: int) -> Path:
    """A segmentation by highdicom of a series in ``ct``."""
    plain = dict.fromkeys(EMPTY, "") | {"StudyDate": "20200101"}
    paths = series(folder / "ct", voxels(SHAPE), **plain)
    sources = [pydicom.dcmread(path) for path in paths]
    segments = [
        hd.seg.SegmentDescription(
            number, f"part {number}", codes.SCT.Tissue, codes.SCT.Tissue,
            hd.seg.SegmentAlgorithmTypeValues.MANUAL,
        )
        for number in range(1, count + 1)
    ]  # fmt: skip
    made = hd.seg.Segmentation(
        sources, array, kind, segments, hd.UID(), 1, hd.UID(), 1, "maker", "model", "1", "serial"
    )
    (folder / "seg").mkdir()
    made.save_as(folder / "seg" / "seg.dcm")
    return folder / "seg" / "seg.dcm"


def test_a_label_map_is_a_segmentation(tmp_path: Path) -> None:
    path = segmentation(tmp_path, labels(), KINDS.LABELMAP, 2)
    image = read(tmp_path / "ct")
    found = read_seg(path, like=image)
    np.testing.assert_array_equal(found.labels.voxels, labels())
    assert is_seg(path) and [one.number for one in found.segments] == [1, 2]
    np.testing.assert_array_equal(read_mask(path, image).voxels, labels() > 0)


def test_a_label_map_is_deidentified(tmp_path: Path) -> None:
    segmentation(tmp_path, labels(), KINDS.LABELMAP, 2)
    deidentify([tmp_path / "ct", tmp_path / "seg"], tmp_path / "out", pseudonym="CASE01")
    (path,) = (one for one in (tmp_path / "out").rglob("*.dcm") if is_seg(one))
    (folder,) = (one for one in (tmp_path / "out").iterdir() if one != path.parent)
    found = read_seg(path, like=read(folder))
    np.testing.assert_array_equal(found.labels.voxels, labels())
    assert b"Doe" not in path.read_bytes()


def test_of_a_fractional_one_it_is_said_what_it_holds(tmp_path: Path) -> None:
    path = segmentation(tmp_path, (labels() > 0) * 0.7, KINDS.FRACTIONAL, 1)
    with pytest.raises(InputError, match=r"fractional .* hold probabilities.* a binary one"):
        read_mask(path, read(tmp_path / "ct"))
