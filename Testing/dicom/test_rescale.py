"""What is stored becomes a value only where the headers say how."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.dicom.deidentify import deidentify
from SynthCore.errors import InputError
from SynthCore.files.read import read
from Testing.dicom.odd_series import alter, enhanced, series, voxels


def lose_rescale(_: int, ds: pydicom.Dataset) -> None:
    del ds.RescaleSlope, ds.RescaleIntercept


@pytest.mark.parametrize("which", [[1], [0, 1, 2]])
def test_a_ct_slice_without_rescale_is_refused(tmp_path: Path, which: list[int]):
    paths = series(tmp_path / "s", voxels((3, 6, 7)))
    for k in which:
        alter(paths[k], RescaleSlope=None, RescaleIntercept=None)
    with pytest.raises(InputError, match="no readable RescaleSlope and RescaleIntercept"):
        read(tmp_path / "s")


def test_an_unreadable_intercept_is_not_taken_for_0(tmp_path: Path):
    def comma(k: int, ds: pydicom.Dataset) -> None:
        ds[0x00281052] = pydicom.DataElement(0x00281052, "LO", "-1024,0")

    series(tmp_path / "s", voxels((3, 6, 7)), change=comma)
    with pytest.raises(InputError, match="CT numbers are unknown"):
        read(tmp_path / "s")


def test_mr_needs_no_rescale_but_all_or_none(tmp_path: Path):
    paths = series(tmp_path / "s", voxels((3, 6, 7)), modality="MR")
    np.testing.assert_array_equal(read(tmp_path / "s").voxels, voxels((3, 6, 7)))
    alter(paths[0], RescaleSlope=2, RescaleIntercept=0)
    with pytest.raises(InputError, match="its values are unknown"):
        read(tmp_path / "s")


def test_an_enhanced_frame_without_rescale_is_refused(tmp_path: Path):
    path = enhanced(tmp_path / "e.dcm", modality="CT+", intercepts=[-1024] * len(voxels()))
    ds = pydicom.dcmread(path)
    del ds.PerFrameFunctionalGroupsSequence[1].PixelValueTransformationSequence
    ds.save_as(path)
    with pytest.raises(InputError, match=r"e.dcm \(frame 2\) has no readable RescaleSlope"):
        read(path)


@pytest.mark.parametrize("kind", ["Z_EFF", "US"])
def test_numbers_that_are_no_hu_are_told_wherever_they_say_so(tmp_path: Path, kind: str):
    path = enhanced(tmp_path / "e.dcm", modality="CT+", intercepts=[-1024] * len(voxels()))
    ds = pydicom.dcmread(path)
    for group in ds.PerFrameFunctionalGroupsSequence:
        group.PixelValueTransformationSequence[0].RescaleType = kind
    ds.save_as(path)
    assert f"RescaleType is {kind}, not HU; the numbers may not be HU." in read(path).notes


def test_two_rescale_types_are_no_image(tmp_path: Path):
    paths = series(tmp_path / "s", voxels((3, 6, 7)), RescaleType="HU")
    alter(paths[1], RescaleType="Z_EFF")
    with pytest.raises(InputError, match="of different RescaleType"):
        read(tmp_path / "s")


def test_a_de_identified_ct_without_rescale_does_not_claim_hu(tmp_path: Path):
    paths = series(tmp_path / "s", voxels((3, 40, 40)), change=lose_rescale)
    done = deidentify([paths[0].parent], tmp_path / "out", pseudonym="CASE01")
    image = read(done.files[0].parent)
    assert "RescaleType is US, not HU; the numbers may not be HU." in image.notes


def test_pixels_that_do_not_end_at_the_lowest_bit_are_refused(tmp_path: Path):
    series(tmp_path / "s", voxels((3, 6, 7)) << 4, BitsStored=12, HighBit=15)
    with pytest.raises(InputError, match=r"keeps its 12 bits under bit 15 \(HighBit\)"):
        read(tmp_path / "s")
