"""The uncertainty as a DICOM Parametric Map: what it holds, and what DICOM's own judge says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.dicom.companions import missing_companion_marks
from SynthCore.dicom.uncertainty_map import build_map, is_map, read_map, write_map
from SynthCore.errors import InputError
from SynthCore.image import Image
from Testing.dicom.results import from_headers, headers
from Testing.dicom.test_seg import oblique, on
from Testing.dicom.validators import entity_errors, object_errors, require_dicom3tools


def deviation_on(series: Image) -> Image:
    rng = np.random.default_rng(3)
    voxels = rng.uniform(0, 300, size=series.shape).astype(np.float32)
    voxels[0] = 0
    return series.with_voxels(voxels, unit="HU")


def in_order_of(back: Image, given: Image) -> Image:
    """The same slices, counted from the other end where they are."""
    if not back.same_grid(given):
        affine = back.affine.copy()
        affine[:3, 3] += (back.shape[0] - 1) * affine[:3, 2]
        affine[:3, 2] *= -1
        back = Image(back.voxels[::-1], affine)
    assert back.same_grid(given)
    return back


@pytest.mark.parametrize("where", ["straight", "oblique"])
def test_it_comes_back_voxel_by_voxel_and_without_errors(where: str, tmp_path: Path) -> None:
    require_dicom3tools()
    series = from_headers(headers(), "CT") if where == "straight" else on(oblique())
    sigma = deviation_on(series)
    path = tmp_path / "map.dcm"
    write_map(path, sigma, series, contribution="a test")
    back = read_map(path)
    assert back.unit == "HU"
    assert np.array_equal(in_order_of(back, sigma).voxels, sigma.voxels)
    assert object_errors([path], tmp_path) == []
    assert entity_errors([path]) == []
    assert is_map(path) and not is_map(Path(__file__))


def test_it_is_marked_and_points_to_its_images(tmp_path: Path) -> None:
    series = from_headers(headers(), "CT")
    path = tmp_path / "map.dcm"
    write_map(path, deviation_on(series), series)
    header = pydicom.dcmread(path)
    assert missing_companion_marks(header) == ()
    assert header.StudyInstanceUID == series.source.headers[0].StudyInstanceUID
    assert header.PatientID == series.source.headers[0].PatientID
    uids = {str(h.SOPInstanceUID) for h in series.source.headers}
    pointed = {
        str(item.ReferencedSOPInstanceUID)
        for one in header.ReferencedSeriesSequence
        for item in one.ReferencedInstanceSequence
    }
    assert pointed == uids


def test_what_is_no_deviation_is_refused() -> None:
    series = from_headers(headers(), "CT")
    sigma = deviation_on(series)
    with pytest.raises(InputError, match="standard deviations"):
        build_map(sigma.with_voxels(sigma.voxels - 50), series)
