"""A result with more slices than its source is a series of its own, in its source's study."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation

from SynthCore.dicom.read import read_dicom
from SynthCore.dicom.write import export_dicom
from SynthCore.engine.synthesize import synthesize
from SynthCore.files.verify import verify_folder
from SynthCore.image import Image, Source, make_affine
from SynthCore.physics.fine_grid import fine_grid
from SynthCore.physics.thick_slices import along_first
from SynthCore.request import SynthesisResult
from Testing.dicom.results import enhanced_header, headers, read_all
from Testing.dicom.validators import entity_errors, object_errors, require_dicom3tools

SHAPE = (9, 30, 26)
SPACING = (0.9, 0.9, 3.1)
MODEL = "super-resolution-spline"
DIRECTIONS = {
    "axial": np.eye(3),
    "oblique": Rotation.from_euler("xyz", (17, -28, 35), degrees=True).as_matrix(),
    "left-handed": np.diag([1.0, 1.0, -1.0]),
    "sagittal": np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], dtype=float),
}


def acquired(direction: np.ndarray, *, enhanced: bool = False) -> Image:
    """An image as read from a thick MR series."""
    affine = make_affine(SPACING, (-20.0, 10.0, 5.0), direction)
    made = [enhanced_header(SHAPE)] if enhanced else headers(SHAPE, affine)
    if enhanced:  # its planes are those of `headers` without an affine
        affine = make_affine((0.9, 1.1, 3.0), (-20.0, 10.0, 5.0))
    noise = np.random.default_rng(0).normal(size=SHAPE)
    voxels = np.maximum(400 + 900 * gaussian_filter(noise, 1.5), 0).astype(np.float32)
    source = Source(
        "dicom",
        series_uid=str(made[0].SeriesInstanceUID),
        instance_uids=tuple(str(header.SOPInstanceUID) for header in made),
        headers=tuple(made),
    )
    return Image(voxels, affine, "T1", source=source)


def finer(image: Image) -> SynthesisResult:
    return synthesize("super-resolution", {image.modality: image}, model=MODEL)


@pytest.mark.parametrize("name", DIRECTIONS)
def test_the_series_lies_on_the_finer_grid_and_comes_back_as_it_was(
    name: str, tmp_path: Path
) -> None:
    source = acquired(DIRECTIONS[name])
    result = finer(source)
    record = export_dicom(result, tmp_path / "made", more_sources=(source,))
    files = read_all(tmp_path / "made")
    assert len(files) == result.image.shape[0] == round(9 * 3.1 / 0.9)
    spacing = result.image.spacing[2]
    for header in files:
        assert float(header.SliceThickness) == pytest.approx(spacing, rel=1e-6)
        assert float(header.SpacingBetweenSlices) == pytest.approx(spacing, rel=1e-6)
        assert header.FrameOfReferenceUID == source.source.headers[0].FrameOfReferenceUID
        assert header.StudyInstanceUID == source.source.headers[0].StudyInstanceUID
        assert header.SeriesInstanceUID != source.source.series_uid
        named = {item.ReferencedSOPInstanceUID for item in header.SourceImageSequence}
        assert named == set(source.source.instance_uids)
        assert {i.SpatialLocationsPreserved for i in header.SourceImageSequence} == {"NO"}
    positions = np.array([[float(v) for v in h.ImagePositionPatient] for h in files])
    steps = np.linalg.norm(np.diff(positions, axis=0), axis=1)
    np.testing.assert_allclose(steps, spacing, atol=1e-6)
    verify_folder(tmp_path / "made")

    # read again, the acquired slices are the means of the made ones to the rounding of the pixels
    again = read_dicom(tmp_path / "made", modality="T1")
    index = np.linalg.inv(source.affine) @ again.affine
    grid = fine_grid(source)
    back = np.linalg.inv(grid.affine) @ again.affine
    assert np.allclose(np.abs(back[:3, :3]).sum(axis=0), 1, atol=1e-6)
    assert abs(index[2, 2]) == pytest.approx(spacing / SPACING[2], rel=1e-6)
    scale, offset = (float(str(record.output[f"stored_{n}"])) for n in ("scale", "offset"))
    voxels = _on(again, grid.affine, grid.shape) / scale + offset
    means = along_first(grid.stack.means, voxels)
    assert np.abs(means - source.voxels).max() <= 0.51 / scale + 1e-3


def _on(image: Image, affine: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """The image's voxels on a grid that has the same voxel centers in another order."""
    k, j, i = np.indices(shape)
    points = np.stack([i, j, k, np.ones(shape)], axis=-1) @ affine.T
    at = points @ np.linalg.inv(image.affine).T
    found = np.rint(at[..., :3]).astype(int)
    assert np.abs(at[..., :3] - found).max() < 1e-3
    taken: np.ndarray = image.voxels[found[..., 2], found[..., 1], found[..., 0]]
    return taken


@pytest.mark.parametrize("enhanced", [False, True], ids=["classic", "enhanced"])
def test_validators_find_no_error(enhanced: bool, tmp_path: Path) -> None:
    require_dicom3tools()
    source = acquired(np.eye(3), enhanced=enhanced)
    assert fine_grid(source).known == "stated"
    export_dicom(finer(source), tmp_path / "made", more_sources=(source,))
    files = sorted((tmp_path / "made").iterdir())
    assert object_errors(files[::8], tmp_path) == []
    assert entity_errors(files) == []
    verify_folder(tmp_path / "made")


def test_an_image_from_nowhere_is_a_study_of_its_own(tmp_path: Path) -> None:
    image = acquired(DIRECTIONS["oblique"])
    plain = Image(image.voxels, image.affine, "T1")
    result = finer(plain)
    export_dicom(result, tmp_path / "made")
    again = read_dicom(tmp_path / "made", modality="T1")
    assert sorted(again.shape) == sorted(result.image.shape)
    assert "SourceImageSequence" not in read_all(tmp_path / "made")[0]
    verify_folder(tmp_path / "made")


@pytest.mark.data
def test_a_real_study_becomes_isotropic(real_data: Path, tmp_path: Path) -> None:
    require_dicom3tools()
    with ZipFile(real_data / "dicom" / "VS-SEG-001_MR_T1c_16slices.zip") as archive:
        archive.extractall(tmp_path / "study")
    source = read_dicom(tmp_path / "study", modality="T1c")
    part = Image(
        source.voxels[:, 160:260, 160:250],
        source.affine @ _moved(160, 160),
        "T1c",
        source=source.source,
    )
    result = finer(part)
    assert max(result.image.spacing) < 1.02 * min(result.image.spacing)
    record = export_dicom(result, tmp_path / "made", more_sources=(part,))
    files = sorted((tmp_path / "made").iterdir())
    assert object_errors(files[::12], tmp_path) == []
    assert entity_errors(files) == []
    verify_folder(tmp_path / "made")
    # the same request gives the same pixels
    again = export_dicom(finer(part), tmp_path / "again", more_sources=(part,))
    digests = [sorted(r.output["instances"].values()) for r in (record, again)]
    assert digests[0] == digests[1]
    assert all(len(d) == len(hashlib.sha256().hexdigest()) for d in digests[0])


def _moved(i: int, j: int) -> np.ndarray:
    moved = np.eye(4)
    moved[:3, 3] = (i, j, 0)
    return moved
