"""NIfTI out: exact geometry, marks, record; all of it or nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from SynthCore.errors import ComputationError, InputError
from SynthCore.files.read import read
from SynthCore.files.record import read_record
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine

RECORD = json.dumps({"task": "mr-to-ct", "target": "CT"}, sort_keys=True, separators=(",", ":"))
LONG_RECORD = json.dumps({"notes": ["n" * 50] * 500}, sort_keys=True, separators=(",", ":"))


def rotation(a: float, b: float) -> np.ndarray:
    c, s, d, t = np.cos(a), np.sin(a), np.cos(b), np.sin(b)
    first = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return first @ np.array([[1, 0, 0], [0, d, -t], [0, t, d]])


def ct(seed: int = 0, shape: tuple[int, int, int] = (4, 5, 6)) -> Image:
    """Whole HU as floats, on an oblique grid whose numbers no 32-bit float holds."""
    voxels = np.random.default_rng(seed).integers(-1000, 2000, shape).astype(np.float32)
    affine = make_affine((0.7123456789, 0.9, 3.3), (-120.123456789, 33.3, 7.7), rotation(0.4, 0.3))
    return Image(voxels, affine, "CT", "HU")


def test_a_synthetic_image_comes_back_whole(tmp_path: Path):
    image = ct()
    path = write_nifti(image, tmp_path / "ct.nii.gz", record_json=RECORD)
    found = read(path)
    np.testing.assert_array_equal(found.voxels, image.voxels)
    np.testing.assert_array_equal(found.affine, image.affine)  # to the last bit
    assert (found.modality, found.unit, found.voxels.dtype) == ("CT", "HU", np.int16)
    assert "marked as synthetic" in found.notes[0]
    assert read_record(path) == RECORD
    # reading again what was read, the hash is that of what is stored
    assert found.sha256() == read(path).sha256()


def test_marks(tmp_path: Path):
    path = write_nifti(ct(), tmp_path / "ct.nii.gz", record_json=LONG_RECORD)
    header = nib.load(path).header
    assert bytes(header["descrip"]).rstrip(b"\0") == b"SYNTHETIC SynthCore"
    assert int(header["sform_code"]) == int(header["qform_code"]) == 1
    assert header.get_xyzt_units()[0] == "mm"
    assert [extension.get_code() for extension in header.extensions] == [6]
    side = json.loads((tmp_path / "ct.json").read_text(encoding="utf-8"))
    assert side["SyntheticData"] == "YES"
    assert side["Record"] == json.loads(LONG_RECORD)
    assert side["Units"] == "HU"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ct.json", "ct.nii.gz"]


def test_other_software_reads_it_at_the_same_place(tmp_path: Path):
    image = ct()
    path = write_nifti(image, tmp_path / "ct.nii.gz", record_json=LONG_RECORD)
    other = sitk.ReadImage(str(path))
    np.testing.assert_array_equal(sitk.GetArrayViewFromImage(other), image.voxels)
    np.testing.assert_allclose(
        other.TransformIndexToPhysicalPoint((5, 4, 3)), (image.affine @ [5, 4, 3, 1])[:3], atol=1e-3
    )


def test_without_a_record_there_is_no_mark(tmp_path: Path):
    path = write_nifti(ct(), tmp_path / "ct.nii.gz", record_json=None)
    assert b"SYNTHETIC" not in bytes(nib.load(path).header["descrip"])
    assert not (tmp_path / "ct.json").exists()
    found = read(path)
    assert (found.notes, found.modality, found.unit) == ((), "CT", "HU")
    assert read_record(path) is None


def test_the_sidecar_serves_where_the_extension_was_lost(tmp_path: Path):
    path = write_nifti(ct(), tmp_path / "ct.nii.gz", record_json=RECORD)
    image = nib.load(path)
    image.header.extensions.clear()
    bare = nib.Nifti1Image(np.asarray(image.dataobj), image.affine, image.header)
    path.unlink()
    nib.save(bare, path)
    assert read(path).modality == "CT"
    assert read_record(path) == RECORD
    (tmp_path / "ct.json").unlink()
    found = read(path)
    assert found.modality == ""
    assert "marked as synthetic" in found.notes[0]  # the description alone


def test_a_file_moved_by_other_software_is_read_by_its_header(tmp_path: Path):
    path = write_nifti(ct(), tmp_path / "ct.nii.gz", record_json=RECORD)
    image = nib.load(path)
    moved = image.affine.copy()
    moved[0, 3] += 10
    nib.save(nib.Nifti1Image(np.asarray(image.dataobj), moved, image.header), tmp_path / "m.nii.gz")
    found = read(tmp_path / "m.nii.gz")
    assert found.origin[0] == pytest.approx(ct().origin[0] - 10, abs=1e-4)


@pytest.mark.parametrize(
    ("voxels", "unit", "dtype"),
    [
        (np.array([-5.0, 7], np.float32), "HU", np.int16),
        (np.array([-5.5, 7], np.float32), "HU", np.float32),
        (np.array([0.0, 7], np.float64), "1", np.float32),
        (np.array([0, 65000], np.uint16), "1", np.int32),
        (np.array([0, 900], np.uint16), "1", np.int16),
        (np.array([False, True]), "1", np.uint8),
    ],
)
def test_types(tmp_path: Path, voxels: np.ndarray, unit: str, dtype: type):
    image = Image(voxels.reshape(1, 1, 2), np.eye(4), unit=unit)
    path = write_nifti(image, tmp_path / "a.nii", record_json=None)
    assert nib.load(path).get_data_dtype() == dtype
    np.testing.assert_array_equal(read(path).voxels.ravel(), voxels.astype(dtype))


def test_the_same_image_gives_the_same_bytes(tmp_path: Path):
    one = write_nifti(ct(), tmp_path / "a.nii.gz", record_json=RECORD)
    two = write_nifti(ct(), tmp_path / "b.nii.gz", record_json=RECORD)
    assert one.read_bytes() == two.read_bytes()


def test_a_very_long_axis(tmp_path: Path):
    image = Image(np.arange(100_000, dtype=np.int32).reshape(1, 1, -1), np.eye(4))
    path = write_nifti(image, tmp_path / "a.nii.gz", record_json=RECORD)
    np.testing.assert_array_equal(read(path).voxels, image.voxels)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    angles=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    spacing=st.tuples(*[st.floats(0.01, 50)] * 3),
    origin=st.tuples(*[st.floats(-2000, 2000)] * 3),
    shape=st.tuples(*[st.integers(1, 5)] * 3),
    flip=st.sampled_from([1, -1]),
)
@example(
    angles=(1.1e-4, 0.0), spacing=(15.0, 0.015625, 1.0), origin=(0.0, 0.0, 0.0), shape=(1, 1, 2),
    flip=1,
)  # fmt: skip
@example(
    angles=(0.001, 0.0),
    spacing=(25.0, 1.0, 0.25),
    origin=(0.0, 0.0, 0.0),
    shape=(1, 1, 2),
    flip=1,
)
def test_any_grid_comes_back_exactly(tmp_path_factory, angles, spacing, origin, shape, flip):
    direction = rotation(*angles) * np.array([flip, 1, 1])
    voxels = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + np.float32(0.5)
    if voxels.size == 1:
        return
    image = Image(voxels, make_affine(spacing, origin, direction), "T1")
    folder = tmp_path_factory.mktemp("n")
    found = read(write_nifti(image, folder / "a.nii.gz", record_json=None))
    np.testing.assert_array_equal(found.voxels, voxels)
    np.testing.assert_array_equal(found.affine, image.affine)
    assert found.sha256() == image.sha256()
    assert found.notes == ()


@pytest.mark.parametrize("taken", ["ct.nii.gz", "ct.json"])
def test_nothing_is_written_over(tmp_path: Path, taken: str):
    (tmp_path / taken).write_text("mine")
    with pytest.raises(InputError, match=f"{taken} is there already"):
        write_nifti(ct(), tmp_path / "ct.nii.gz", record_json=RECORD)
    assert [p.name for p in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "mine"


def test_names_that_are_no_nifti(tmp_path: Path):
    with pytest.raises(InputError, match=r"end in \.nii\.gz"):
        write_nifti(ct(), tmp_path / "ct.mha", record_json=None)


def test_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be written"):
        write_nifti(ct(), tmp_path / "nowhere" / "ct.nii.gz", record_json=RECORD)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_nifti(ct(), tmp_path / "file" / "ct.nii.gz", record_json=RECORD)


def test_voxels_that_are_not_finite(tmp_path: Path):
    voxels = ct().voxels.copy()
    voxels[0, 0, 0] = np.nan
    with pytest.raises(ComputationError, match="NaN"):
        write_nifti(ct().with_voxels(voxels), tmp_path / "ct.nii.gz", record_json=RECORD)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files as POSIX allows")
@pytest.mark.parametrize("limit", [100, 40_000])
def test_a_full_disk_leaves_nothing(tmp_path: Path, limit: int):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(ComputationError, match="full"):
            write_nifti(ct(shape=(40, 50, 60)), tmp_path / "ct.nii.gz", record_json=RECORD)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
