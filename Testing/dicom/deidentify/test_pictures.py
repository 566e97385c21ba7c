"""Burned-in text found and blanked; faces hidden, and the brain behind them untouched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont
from scipy import ndimage

from SynthCore.dicom.deidentify import DeidentifyOptions, deidentify
from SynthCore.dicom.deidentify.burned_in import TextRegion, find_text
from SynthCore.dicom.deidentify.face import face_region, find_face
from SynthCore.dicom.deidentify.hide_face import faces_in, hide_face
from Testing.dicom import odd_series

BRAIN = (2, 3, 4, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 26, 28,
         41, 42, 43, 46, 47, 49, 50, 51, 52, 53, 54, 58, 60)  # fmt: skip
NOSE, SKULL = 509, 515


def with_text(frames: np.ndarray, size: int, place: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """The frames with a name drawn on each, and where."""
    picture = Picture.new("L", frames.shape[:0:-1], 0)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(picture).text(place, "DOE JANE 1970", font=font, fill=255)
    ink = np.asarray(picture) / 255.0
    drawn = np.round(frames * (1 - ink) + frames.max() * ink).astype(frames.dtype)
    return drawn, ink > 0


def covered(regions: tuple[TextRegion, ...], ink: np.ndarray) -> float:
    box = np.zeros(ink.shape, bool)
    for r in regions:
        box[r.row : r.row_end, r.column : r.column_end] = True
    return float((box & ink).sum() / ink.sum())


def body(slices: int) -> np.ndarray:
    """Something like slices of a body: smooth, with noise, air round it."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[-1:1:128j, -1:1:128j]
    inside = (x / 0.8) ** 2 + (y / 0.6) ** 2 < 1
    texture = ndimage.gaussian_filter(rng.normal(size=(slices, 128, 128)), (1, 3, 3)) * 2000
    return np.where(inside, 900 + texture, 0).clip(0).astype(np.int16) + rng.integers(
        0, 12, (slices, 128, 128), dtype=np.int16
    )


@pytest.mark.parametrize("size", [8, 12, 16, 24])
def test_text_is_found_in_a_series(size: int) -> None:
    frames = body(10)
    assert find_text(frames) == ()
    drawn, ink = with_text(frames, size, (3, 3))
    assert covered(find_text(drawn), ink) > 0.8


def test_text_is_found_in_most_real_series_and_seldom_where_there_is_none(unpacked) -> None:
    """Two real series here; docs/deidentification.md tells the figures over all real data."""
    series = unpacked("CRLM-CT-1004_CT_abdomen"), unpacked("VS-SEG-001_MR_T1c_16slices")
    for folder in series:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())[:12]
        frames = np.stack([pydicom.dcmread(path).pixel_array for path in paths])
        assert find_text(frames) == ()
        for size, place in ((8, (3, 3)), (16, (3, 3)), (16, (100, 250))):
            drawn, ink = with_text(frames, size, place)
            assert covered(find_text(drawn), ink) > 0.8


def test_text_is_reported_or_blanked(tmp_path: Path) -> None:
    drawn, ink = with_text(body(6), 14, (4, 4))
    odd_series.series(tmp_path / "source", drawn, modality="MR")
    told = deidentify([tmp_path / "source"], tmp_path / "told", pseudonym="CASE01")
    assert [finding.kind for finding in told.findings if finding.files].count("text") == 1
    for path in told.files:
        header = pydicom.dcmread(path)
        assert header.BurnedInAnnotation == "YES"
        assert header.pixel_array[ink].max() == drawn.max()
    options = DeidentifyOptions(blank_text=True)
    done = deidentify([tmp_path / "source"], tmp_path / "done", pseudonym="CASE01", options=options)
    for path in done.files:
        pixels = pydicom.dcmread(path).pixel_array
        assert pixels[ink].max() < 0.2 * drawn.max()
        assert (pixels[64:] == drawn[pydicom.dcmread(path).InstanceNumber - 1][64:]).all()


@pytest.fixture(scope="module")
def labels(real_data: Path) -> tuple[np.ndarray, np.ndarray]:
    """A whole head at 2 mm, and its affine."""
    sitk = pytest.importorskip("SimpleITK")
    path = real_data / "label_maps" / "synthseg" / "training_seg_05.nii.gz"
    image = sitk.DICOMOrient(sitk.ReadImage(str(path)), "LPS")
    affine = np.diag((*image.GetSpacing(), 1.0))
    affine[:3, 3] = image.GetOrigin()
    affine[:3, :3] *= 2
    return sitk.GetArrayFromImage(image)[::2, ::2, ::2], affine


def scan(labels: np.ndarray, *, ct: bool) -> np.ndarray:
    """The head as an MR or CT would show it, with noise."""
    values = (-1000, 900, 40) if ct else (0, 150, 600)
    voxels = np.where(labels == 0, values[0], np.where(labels == SKULL, values[1], values[2]))
    return (voxels + np.random.default_rng(0).normal(0, 15, voxels.shape)).astype(np.int16)


@pytest.mark.parametrize("ct", [False, True])
@pytest.mark.parametrize("how", ["blur", "remove"])
def test_the_face_goes_and_the_brain_stays(labels, ct: bool, how) -> None:
    seg, affine = labels
    voxels = scan(seg, ct=ct)
    found = faces_in(voxels, affine, ct=ct)
    assert found is not None
    hidden = hide_face(voxels, found[1], (2.0, 2.0, 2.0), how)
    brain = np.isin(seg, BRAIN)
    assert np.array_equal(hidden[brain], voxels[brain])
    changed = hidden != voxels
    assert ndimage.distance_transform_edt(~brain, sampling=2.0)[changed].min() >= 4.0
    assert changed[seg == NOSE].mean() > 0.6
    # the skin of the nose's tip is gone: where there was tissue there is air, or a slope
    front = np.argmax(seg > 0, axis=1)
    tip = np.unravel_index(np.argmin(np.where((seg > 0).any(1), front, 999)), front.shape)
    k, j, i = tip[0], front[tip] + 1, tip[1]
    assert abs(int(hidden[k, j, i]) - int(voxels[k, j, i])) > 200


def test_the_face_is_found_in_any_orientation_of_the_slices(labels) -> None:
    seg, affine = labels
    upright = find_face(seg > 0, affine)
    assert upright is not None
    # sagittal slices, from right to left and head first
    turned = np.ascontiguousarray((seg > 0).transpose(2, 0, 1)[:, ::-1])
    other = np.zeros((4, 4))
    other[:3, 0], other[:3, 1], other[:3, 2] = affine[:3, 1], -affine[:3, 2], affine[:3, 0]
    other[:, 3] = affine @ (0, 0, seg.shape[0] - 1, 1)
    again = find_face(turned, other)
    assert again is not None
    assert abs(again.nasion - upright.nasion) <= 4.0
    region = face_region(again, turned.shape, other)
    back = region[:, ::-1].transpose(1, 2, 0)
    same = (back == face_region(upright, seg.shape, affine)).mean()
    assert same > 0.99


def test_faces_through_files(labels, tmp_path: Path) -> None:
    seg, affine = labels
    voxels = scan(seg, ct=False)[::2]
    odd_series.series(
        tmp_path / "source", voxels, modality="MR", spacing=(2.0, 2.0, 4.0), origin=affine[:3, 3]
    )
    odd_series.series(
        tmp_path / "source" / "other", voxels[:, 60:, :], modality="MR", spacing=(2.0, 2.0, 4.0),
        SeriesInstanceUID="1.2.3.4.9", SeriesNumber=2,
    )  # fmt: skip
    options = DeidentifyOptions(faces="remove")
    done = deidentify([tmp_path / "source"], tmp_path / "out", pseudonym="CASE01", options=options)
    brain = np.isin(seg, BRAIN)[::2]
    changed = 0
    for path in done.files:
        header = pydicom.dcmread(path)
        if header.SeriesNumber != 1:
            assert "RecognizableVisualFeatures" not in header
            continue
        k = header.InstanceNumber - 1
        assert header.RecognizableVisualFeatures == "NO"
        codes = {item.CodeValue for item in header.DeidentificationMethodCodeSequence}
        assert "113102" in codes
        assert np.array_equal(header.pixel_array[brain[k]], voxels[k][brain[k]])
        changed += int((header.pixel_array != voxels[k]).sum())
    assert changed > 5000
    missing = [finding for finding in done.findings if finding.kind == "face"]
    assert len(missing) == 1 and len(missing[0].files) == len(voxels)
