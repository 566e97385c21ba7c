"""Whatever the grid, each voxel is written at its exact place in the patient."""

from __future__ import annotations

from pathlib import Path

import highdicom
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from SynthCore.dicom.slice_grid import slice_grid
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import InputError
from SynthCore.files.verify import verify_folder
from SynthCore.image import Affine, Image, make_affine
from Testing.dicom.results import (
    an_image,
    enhanced_header,
    from_headers,
    headers,
    numbers,
    put_bytes,
    read_all,
    result_of,
)
from Testing.dicom.validators import object_errors, require_dicom3tools

ORIGIN = (-31.25, 12.5, -407.125)
SPACING = (0.8, 1.3, 2.75)
OBLIQUE = Rotation.from_euler("xyz", (17, -28, 35), degrees=True).as_matrix()
SAGITTAL = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], dtype=float)  # i to P, j to S, k to L
CORONAL = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]], dtype=float)  # left-handed

GRIDS = {
    "axial": np.eye(3),
    "ras": np.diag([-1.0, -1.0, 1.0]),
    "las": np.diag([1.0, -1.0, 1.0]),
    "left-handed": np.diag([1.0, 1.0, -1.0]),
    "mirrored": np.diag([-1.0, 1.0, 1.0]),
    "sagittal": SAGITTAL,
    "sagittal flipped": SAGITTAL @ np.diag([1.0, -1.0, -1.0]),
    "coronal": CORONAL,
    "oblique": OBLIQUE,
    "oblique left-handed": OBLIQUE @ np.diag([-1.0, 1.0, 1.0]),
    "oblique sagittal": OBLIQUE @ SAGITTAL,
}


def grid(direction: Affine, spacing: tuple[float, float, float] = SPACING) -> Affine:
    return make_affine(spacing, ORIGIN, direction)


def values_at(image: Image, world: np.ndarray) -> np.ndarray:
    """Voxels of `image` at world points that must be voxel centers; shape (n,)."""
    homogeneous = np.concatenate([world, np.ones((len(world), 1))], axis=1)
    index = (homogeneous @ np.linalg.inv(image.affine).T)[:, :3]
    nearest = np.rint(index)
    assert np.abs(index - nearest).max() < 1e-6
    i, j, k = nearest.astype(int).T
    return image.voxels[k, j, i]


@pytest.mark.parametrize("name", GRIDS)
def test_world_positions_by_pydicom(name: str, tmp_path: Path) -> None:
    image = an_image(affine=grid(GRIDS[name]))
    export_dicom(result_of(image), tmp_path / "out")
    seen = 0
    for header in read_all(tmp_path / "out"):
        columns, rows = np.reshape([float(v) for v in header.ImageOrientationPatient], (2, 3))
        between_rows, between_columns = (float(v) for v in header.PixelSpacing)
        r, c = np.meshgrid(np.arange(header.Rows), np.arange(header.Columns), indexing="ij")
        world = (
            np.array([float(v) for v in header.ImagePositionPatient])
            + c.reshape(-1, 1) * between_columns * columns
            + r.reshape(-1, 1) * between_rows * rows
        )
        stored = header.pixel_array.ravel() + float(header.RescaleIntercept)
        assert np.array_equal(stored, values_at(image, world))
        seen += stored.size
    assert seen == image.voxels.size
    assert verify_folder(tmp_path / "out").ok


@pytest.mark.parametrize("name", GRIDS)
def test_world_positions_by_simpleitk(name: str, tmp_path: Path) -> None:
    image = an_image(affine=grid(GRIDS[name]))
    export_dicom(result_of(image), tmp_path / "out")
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path / "out")))
    read = reader.Execute()
    world = [
        read.TransformIndexToPhysicalPoint((i, j, k))
        for k in range(read.GetDepth())
        for j in range(read.GetHeight())
        for i in range(read.GetWidth())
    ]
    voxels = sitk.GetArrayFromImage(read)
    assert voxels.size == image.voxels.size
    # ITK takes its spacing along the slices from the first two positions
    assert np.array_equal(voxels.ravel(), values_at(image, np.array(world)))


@pytest.mark.parametrize("name", ["axial", "oblique left-handed", "sagittal"])
def test_highdicom_sees_one_volume(name: str, tmp_path: Path) -> None:
    image = an_image(affine=grid(GRIDS[name]))
    export_dicom(result_of(image), tmp_path / "out")
    volume = highdicom.get_volume_from_series(read_all(tmp_path / "out"))
    corner = volume.map_indices_to_reference(np.array([[0, 0, 0], [1, 2, 3]]))
    values = [float(volume.array[0, 0, 0]), float(volume.array[1, 2, 3])]
    assert values == list(values_at(image, corner))


@pytest.mark.parametrize("name", ["ras", "sagittal", "oblique left-handed"])
@pytest.mark.parametrize("role", ["CT", "T2"])
def test_no_object_errors(name: str, role: str, tmp_path: Path) -> None:
    require_dicom3tools()
    image = an_image(affine=grid(GRIDS[name]), role=role)
    export_dicom(result_of(image), tmp_path / "out")
    assert object_errors(sorted((tmp_path / "out").iterdir()), tmp_path) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ras", (1, 0, 0, 0, 1, 0)),
        ("mirrored", (1, 0, 0, 0, 1, 0)),
        ("sagittal", (0, 1, 0, 0, 0, -1)),
        ("coronal", (1, 0, 0, 0, 0, -1)),
    ],
)
def test_slices_are_shown_the_usual_way_up(name: str, shown: tuple[int, ...]) -> None:
    plane = slice_grid(an_image(affine=grid(GRIDS[name]))).planes[0]
    assert tuple(round(float(v)) for v in plane.orientation) == shown


@pytest.mark.parametrize("name", GRIDS)
def test_instances_are_numbered_along_the_normal(name: str) -> None:
    written = slice_grid(an_image(affine=grid(GRIDS[name])))
    assert np.all(np.diff(written.locations) > 0)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    angles=st.tuples(*[st.floats(-180, 180)] * 3),
    flips=st.tuples(*[st.sampled_from((-1.0, 1.0))] * 3),
    spacing=st.tuples(*[st.floats(1e-3, 50)] * 3),
    origin=st.tuples(*[st.floats(-2000, 2000)] * 3),
    shape=st.tuples(*[st.integers(1, 5)] * 3),
)
def test_any_grid(
    angles: tuple[float, float, float],
    flips: tuple[float, float, float],
    spacing: tuple[float, float, float],
    origin: tuple[float, float, float],
    shape: tuple[int, int, int],
) -> None:
    rotation = Rotation.from_euler("xyz", angles, degrees=True).as_matrix() @ np.diag(flips)
    image = an_image(numbers(shape), make_affine(spacing, origin, rotation))
    written = slice_grid(image)
    for plane, voxels in zip(written.planes, written.voxels, strict=True):
        columns, rows = np.reshape([float(v) for v in plane.orientation], (2, 3))
        between_rows, between_columns = (float(v) for v in plane.pixel_spacing)
        for (r, c), value in np.ndenumerate(voxels):
            world = (
                np.array([float(v) for v in plane.position])
                + c * between_columns * columns
                + r * between_rows * rows
            )
            i, j, k = np.rint(np.linalg.solve(image.affine, (*world, 1))[:3]).astype(int)
            assert image.voxels[k, j, i] == value
            # 16 characters hold a position to 1e-11 mm or better, spacings to 10 digits
            assert np.abs(image.affine[:3] @ (i, j, k, 1) - world).max() < 1e-7


def test_source_planes_are_copied_as_written(tmp_path: Path) -> None:
    affine = grid(OBLIQUE)
    sources = headers(affine=affine)
    image = from_headers(sources)
    image = Image(image.voxels, affine, "CT", "HU", image.source)
    export_dicom(result_of(image), tmp_path / "out")
    for header, source in zip(read_all(tmp_path / "out"), sources, strict=True):
        for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
            written = [v.original_string for v in header[keyword].value]
            assert written == [v.original_string for v in source[keyword].value]
        assert header.SliceThickness == source.SliceThickness
        assert header.SourceImageSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID


def test_a_left_handed_source_keeps_its_planes(tmp_path: Path) -> None:
    affine = grid(np.diag([1.0, 1.0, -1.0]))
    sources = headers(affine=affine)
    image = from_headers(sources)
    image = Image(image.voxels, affine, "CT", "HU", image.source)
    export_dicom(result_of(image), tmp_path / "out")
    written = read_all(tmp_path / "out")
    for header, source, voxels in zip(written, sources[::-1], image.voxels[::-1], strict=True):
        assert header.ImagePositionPatient == source.ImagePositionPatient
        assert header.SourceImageSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
        assert np.array_equal(header.pixel_array - 1024.0, voxels)


def test_positions_too_long_for_a_decimal_string(tmp_path: Path) -> None:
    sources = headers()
    for source in sources:
        long = "\\".join(f"{float(v):.15f}" for v in source.ImagePositionPatient)
        put_bytes(source, "ImagePositionPatient", long.encode())
    export_dicom(result_of(from_headers(sources)), tmp_path / "out")
    for header, source in zip(read_all(tmp_path / "out"), sources, strict=True):
        written = [v.original_string for v in header.ImagePositionPatient]
        assert all(len(text) <= 16 for text in written)
        expected = [float(v) for v in source.ImagePositionPatient]
        assert np.allclose([float(v) for v in written], expected, atol=1e-9)
        assert header.SourceImageSequence[0].SpatialLocationsPreserved == "YES"


def test_multiframe_source_is_referenced_by_frame(tmp_path: Path) -> None:
    source = enhanced_header()
    export_dicom(result_of(from_headers([source])), tmp_path / "out")
    written = read_all(tmp_path / "out")
    for k, header in enumerate(written):
        (item,) = header.SourceImageSequence
        assert item.ReferencedSOPInstanceUID == source.SOPInstanceUID
        assert item.ReferencedFrameNumber == len(written) - k  # stored last slice first
        assert item.SpatialLocationsPreserved == "YES"
        assert header.SliceThickness == 2.5


def test_another_grid_than_the_source(tmp_path: Path) -> None:
    sources = headers()
    image = from_headers(sources)
    shifted = image.affine.copy()
    shifted[:3, 3] += (0.0, 0.0, 0.4)
    image = Image(image.voxels, shifted, "CT", "HU", image.source)
    export_dicom(result_of(image), tmp_path / "out")
    for header in read_all(tmp_path / "out"):
        assert header.FrameOfReferenceUID == sources[0].FrameOfReferenceUID
        referenced = [item.ReferencedSOPInstanceUID for item in header.SourceImageSequence]
        assert referenced == [source.SOPInstanceUID for source in sources]
        assert {i.SpatialLocationsPreserved for i in header.SourceImageSequence} == {"NO"}
    first = read_all(tmp_path / "out")[0]
    assert np.allclose([float(v) for v in first.ImagePositionPatient], shifted[:3, 3])


@pytest.mark.parametrize("where", [(0, 1), (0, 2), (2, 1)])
def test_a_sheared_grid_is_refused(where: tuple[int, int], tmp_path: Path) -> None:
    affine = grid(np.eye(3))
    affine[where] += 0.05
    with pytest.raises(InputError, match="not at right angles"):
        export_dicom(result_of(an_image(affine=affine)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_slice_too_wide_for_dicom(tmp_path: Path) -> None:
    image = an_image(numbers((1, 1, 70000)))
    with pytest.raises(InputError, match="65535"):
        export_dicom(result_of(image), tmp_path / "out")
