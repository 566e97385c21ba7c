"""Where slices lie: order, affine, and the stacks that are refused or repaired."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from SynthCore.errors import InputError
from SynthCore.files.read import read
from Testing.dicom.odd_series import AXIAL, alter, oblique, series, voxels

ORIENTATIONS = {
    "axial": AXIAL,
    "sagittal": (0, 1, 0, 0, 0, -1),
    "coronal": (1, 0, 0, 0, 0, -1),
    "prone": (-1, 0, 0, 0, -1, 0),
    "flipped": (1, 0, 0, 0, -1, 0),
    "oblique": oblique(),
}


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_slices_go_along_row_times_column(tmp_path: Path, name: str):
    orientation, spacing, origin = ORIENTATIONS[name], (0.8, 0.9, 2.5), (-20.0, 10.0, 5.0)
    series(tmp_path / "s", orientation=orientation, spacing=spacing, origin=origin)
    image = read(tmp_path / "s")
    row, column = np.array(orientation[:3], float), np.array(orientation[3:], float)
    expected = np.eye(4)
    expected[:3, 0], expected[:3, 1] = row * spacing[0], column * spacing[1]
    expected[:3, 2], expected[:3, 3] = np.cross(row, column) * spacing[2], origin
    np.testing.assert_allclose(image.affine, expected, atol=1e-7)
    np.testing.assert_array_equal(image.voxels, voxels() - 1024)
    assert np.linalg.det(image.affine[:3, :3]) > 0
    assert [h.InstanceNumber for h in image.source.headers] == [1, 2, 3, 4, 5]
    assert image.source.instance_uids == tuple(h.SOPInstanceUID for h in image.source.headers)
    assert not any("PixelData" in h for h in image.source.headers)
    assert image.notes == ()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    tilt=st.floats(-3, 3),
    turn=st.floats(-3, 3),
    spacing=st.tuples(*[st.floats(0.05, 30)] * 3),
    shape=st.tuples(st.integers(1, 6), st.integers(2, 6), st.integers(2, 6)),
    seed=st.integers(0, 9),
)
def test_any_grid_comes_back(tmp_path_factory, tilt, turn, spacing, shape, seed):
    folder = tmp_path_factory.mktemp("s")
    array = voxels(shape, seed)
    orientation = oblique(tilt, turn)
    series(folder, array, orientation=orientation, spacing=spacing)
    image = read(folder)
    np.testing.assert_array_equal(image.voxels, array - 1024)
    np.testing.assert_allclose(image.spacing, spacing, rtol=1e-5)
    np.testing.assert_allclose(image.direction[:, 0], orientation[:3], atol=1e-6)
    np.testing.assert_allclose(image.origin, (-20, 10, 5), atol=1e-7)


def test_a_missing_slice_is_refused_and_placed(tmp_path: Path):
    paths = series(tmp_path / "s", voxels((8, 4, 4)))
    paths[4].unlink()
    with pytest.raises(InputError, match=f"A slice is missing.*after {paths[3].name} is 5.00 mm"):
        read(tmp_path / "s")
    paths[5].unlink()
    with pytest.raises(InputError, match="2 slices are missing"):
        read(tmp_path / "s")


@pytest.mark.parametrize("gap", [2, 3])
def test_a_missing_slice_among_few(tmp_path: Path, gap: int):
    series(tmp_path / "s", voxels((3, 4, 4)), positions=[0, 2, 2 + 2 * gap])
    with pytest.raises(InputError, match="missing"):
        read(tmp_path / "s")


def test_uneven_slices_are_resampled_with_a_note(tmp_path: Path):
    places = np.array([0.0, 2.3, 5.1, 7.6, 10.2, 12.5])
    ramp = np.round(places * 100).astype(np.int16)  # HU = 100 times the place - 1024
    array = np.broadcast_to(ramp[:, None, None], (6, 4, 4))
    series(tmp_path / "s", array, positions=list(places))
    image = read(tmp_path / "s")
    assert image.spacing[2] == pytest.approx(2.5)
    even = np.linspace(0, 12.5, 6) * 100 - 1024
    assert np.abs(image.voxels[:, 0, 0] - even).max() <= 0.5  # rounded to whole HU
    assert image.voxels.dtype == np.int16
    assert len(image.notes) == 1
    assert "2.30 to 2.80 mm apart" in image.notes[0]
    assert len(image.source.headers) == 6


def test_rounded_positions_are_even(tmp_path: Path):
    series(tmp_path / "s", voxels((9, 4, 4)), positions=[round(k * 1.25, 2) for k in range(9)])
    assert read(tmp_path / "s").notes == ()


def test_gantry_tilt_is_refused_with_its_angle(tmp_path: Path):
    lean = np.tan(np.radians(15)) * 2.5
    series(tmp_path / "s", shift=lambda k: np.array([0, k * lean, 0]))
    with pytest.raises(InputError, match=r"gantry tilt of 15\.0 degrees"):
        read(tmp_path / "s")


def test_a_slice_out_of_line_is_refused(tmp_path: Path):
    series(tmp_path / "s", shift=lambda k: np.array([4.0 if k == 2 else 0.0, 0, 0]))
    with pytest.raises(InputError, match=r"shifted against each other by up to 4.0 mm"):
        read(tmp_path / "s")


@pytest.mark.parametrize(
    ("keyword", "values"),
    [("EchoTime", (10, 80)), ("TemporalPositionIdentifier", (1, 2)), ("AcquisitionNumber", (1, 2))],
)
def test_four_dimensions_are_refused_with_what_differs(tmp_path: Path, keyword: str, values):
    for n, value in enumerate(values):
        series(tmp_path / "s" / str(n), voxels(seed=n), modality="MR", **{keyword: value})
    with pytest.raises(InputError, match=f"four-dimensional: 2 images.*differ in {keyword}"):
        read(tmp_path / "s")


def test_a_single_double_position_is_refused(tmp_path: Path):
    series(tmp_path / "s", positions=[0, 2.5, 2.5, 5, 7.5])
    with pytest.raises(InputError, match="more than one image at 1 of its 4 positions"):
        read(tmp_path / "s")


def test_a_localizer_of_three_orientations_is_refused(tmp_path: Path):
    for n, name in enumerate(("axial", "sagittal", "coronal")):
        series(tmp_path / "s" / str(n), voxels((1, 5, 5)), orientation=ORIENTATIONS[name])
    with pytest.raises(InputError, match="3 orientations"):
        read(tmp_path / "s")


def test_two_frames_of_reference_are_refused(tmp_path: Path):
    paths = series(tmp_path / "s")
    alter(paths[0], FrameOfReferenceUID="1.2.3.9")
    with pytest.raises(InputError, match="2 frames of reference"):
        read(tmp_path / "s")


def test_sizes_and_spacings_must_agree(tmp_path: Path):
    series(tmp_path / "s", voxels((3, 6, 7)))
    series(tmp_path / "s" / "more", voxels((2, 5, 5)), origin=(-20, 10, 12.5))
    with pytest.raises(InputError, match="different sizes"):
        read(tmp_path / "s")
    paths = series(tmp_path / "t")
    alter(paths[1], PixelSpacing=[0.7, 0.7])
    with pytest.raises(InputError, match="different pixel spacing"):
        read(tmp_path / "t")


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"ImagePositionPatient": None}, "no ImagePositionPatient"),
        ({"ImageOrientationPatient": None}, "no ImageOrientationPatient"),
        ({"PixelSpacing": None}, "no usable PixelSpacing"),
        ({"PixelSpacing": [0, 1]}, "no usable PixelSpacing"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "no pair of perpendicular"),
        ({"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]}, "no pair of perpendicular"),
        ({"ImagePositionPatient": [1, 2]}, "no ImagePositionPatient"),
        ({"Rows": 0}, "no pixel data"),
        ({"Rows": 60000, "Columns": 60000}, "claims 1 x 60000 x 60000 voxels"),
        ({"RescaleSlope": 0}, "RescaleSlope of 0"),
    ],
)
def test_broken_planes_are_refused(tmp_path: Path, attributes, words: str):
    path = series(tmp_path / "s", voxels((1, 6, 7)))[0]
    alter(path, **attributes)
    with pytest.raises(InputError, match=words) as refused:
        read(path)
    assert path.name in str(refused.value)


def test_a_slice_of_unknown_thickness_is_noted(tmp_path: Path):
    path = series(tmp_path / "s", voxels((1, 6, 7)))[0]
    alter(path, SliceThickness=None)
    image = read(path)
    assert image.spacing[2] == 1.0
    assert "1 mm was assumed" in image.notes[0]
