"""NIfTI, NRRD, MetaImage and MGH in: the same world as nibabel and SimpleITK give."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from SynthCore.errors import InputError
from SynthCore.files.read import read
from Testing.files.volumes import RAS_TO_LPS, assert_as_simpleitk, ijk, oblique_affine, save


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
def test_nifti(tmp_path: Path, kind, ending: str, flip: bool):
    affine, array = oblique_affine(flip), ijk()
    path = tmp_path / f"a{ending}"
    nib.save(kind(array, affine), path)
    image = read(path)
    np.testing.assert_array_equal(image.voxels, array.T)
    np.testing.assert_allclose(image.affine, RAS_TO_LPS @ affine, atol=1e-5)
    assert (image.modality, image.unit, image.source.kind, image.notes) == ("", "1", "nifti", ())
    assert image.voxels.flags.c_contiguous
    if kind is nib.Nifti1Image:  # SimpleITK reads no NIfTI 2
        assert_as_simpleitk(image, path)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32])
def test_types_stay(tmp_path: Path, dtype: type):
    nib.save(nib.Nifti1Image(ijk(dtype=dtype), np.eye(4)), tmp_path / "a.nii")
    assert read(tmp_path / "a.nii").voxels.dtype == dtype


@pytest.mark.parametrize(
    ("slope", "inter", "dtype"), [(1, -1024, np.int16), (0.5, 3, np.float32), (2, 0, np.float32)]
)
def test_scaling_is_applied(tmp_path: Path, slope, inter, dtype: type):
    array = ijk()
    image = nib.Nifti1Image(array, np.eye(4))
    image.header.set_slope_inter(slope, inter)
    raw = image.header.copy()
    with (tmp_path / "a.nii").open("wb") as stream:
        raw["magic"], raw["vox_offset"] = b"n+1", 352
        stream.write(raw.binaryblock + b"\0" * 4 + array.tobytes(order="F"))
    found = read(tmp_path / "a.nii", modality="CT")
    np.testing.assert_allclose(found.voxels, array.T * slope + inter)
    assert found.voxels.dtype == dtype
    assert found.unit == "HU"


def test_doubles_become_floats_and_bytes_native(tmp_path: Path):
    array = ijk(dtype=np.float64)
    nib.save(nib.Nifti1Image(array, np.eye(4), dtype=np.float64), tmp_path / "a.nii")
    assert read(tmp_path / "a.nii").voxels.dtype == np.float32
    header = nib.Nifti1Header(endianness=">")
    big = nib.Nifti1Image(ijk(dtype=np.dtype(">i2")), np.eye(4), header)
    nib.save(big, tmp_path / "b.nii")
    image = read(tmp_path / "b.nii")
    assert image.voxels.dtype.isnative
    np.testing.assert_array_equal(image.voxels, ijk().T)


def test_axes_of_one_are_dropped_and_a_plane_is_a_slice(tmp_path: Path):
    nib.save(nib.Nifti1Image(ijk()[..., None, None], np.eye(4)), tmp_path / "a.nii")
    assert read(tmp_path / "a.nii").shape == (7, 6, 5)
    nib.save(nib.Nifti1Image(ijk()[..., 0], np.eye(4)), tmp_path / "b.nii")
    assert read(tmp_path / "b.nii").shape == (1, 6, 5)


def test_the_long_line(tmp_path: Path):
    line = np.arange(100_000, dtype=np.int32).reshape(-1, 1, 1)
    nib.save(nib.Nifti2Image(line, np.eye(4)), tmp_path / "a.nii.gz")
    assert read(tmp_path / "a.nii.gz").shape == (1, 1, 100_000)


def test_orientation_notes(tmp_path: Path):
    image = nib.Nifti1Image(ijk(), oblique_affine())
    image.set_sform(oblique_affine(), code=1)
    other = oblique_affine()
    other[0, 3] += 5
    image.set_qform(other, code=1)
    nib.save(image, tmp_path / "a.nii")
    found = read(tmp_path / "a.nii")
    assert "disagree" in found.notes[0]
    np.testing.assert_allclose(found.affine, RAS_TO_LPS @ oblique_affine(), atol=1e-5)
    image.set_sform(None, code=0)
    image.set_qform(None, code=0)
    nib.save(image, tmp_path / "b.nii")
    assert "left and right" in read(tmp_path / "b.nii").notes[0]


def test_qform_alone_counts(tmp_path: Path):
    image = nib.Nifti1Image(ijk(), oblique_affine())
    image.set_sform(None, code=0)
    image.set_qform(oblique_affine(), code=1)
    nib.save(image, tmp_path / "a.nii")
    found = read(tmp_path / "a.nii")
    assert found.notes == ()
    np.testing.assert_allclose(found.affine, RAS_TO_LPS @ oblique_affine(), atol=1e-4)


def test_micrometers(tmp_path: Path):
    image = nib.Nifti1Image(ijk(), np.diag([50.0, 50, 50, 1]))
    image.header.set_xyzt_units("micron")
    nib.save(image, tmp_path / "a.nii")
    found = read(tmp_path / "a.nii")
    np.testing.assert_allclose(found.spacing, 0.05)
    assert "micron" in found.notes[0]


@pytest.mark.parametrize("ending", [".mgz", ".mgh"])
def test_mgh(tmp_path: Path, ending: str):
    array, affine = ijk(dtype=np.float32), oblique_affine()
    nib.save(nib.MGHImage(array, affine), tmp_path / f"a{ending}")
    image = read(tmp_path / f"a{ending}", modality="T1")
    np.testing.assert_array_equal(image.voxels, array.T)
    np.testing.assert_allclose(image.affine, RAS_TO_LPS @ affine, atol=1e-4)
    assert (image.modality, image.source.kind) == ("T1", "mgh")


HEADERS = [
    (".nrrd", b"space: left-posterior-superior", b"space: 3D-left-handed", "no orientation"),
    (
        ".nrrd",
        b"space: left-posterior-superior",
        b'space: LPS\nspace units: "um" "um" "um"',
        "in um",
    ),
    (".nrrd", b"space: left-posterior-superior", b'space: LPS\nspace units: "mm" "mm" "mm"', ""),
    (".mha", b"TransformMatrix = 1 0 0 0 1 0 0 0 1\n", b"", "no orientation"),
    (
        ".mha",
        b"CompressedData = False",
        b"ElementToIntensityFunctionSlope = 2",
        "stores its values",
    ),
    (".mha", b"CompressedData = False", b"ElementToIntensityFunctionSlope = 1", ""),
]


@pytest.mark.parametrize(("ending", "old", "new", "told"), HEADERS)
def test_what_itk_does_not_say_of_a_header(
    tmp_path: Path, ending: str, old: bytes, new: bytes, told: str
):
    path = tmp_path / f"a{ending}"
    sitk.WriteImage(sitk.GetImageFromArray(ijk()), str(path))
    assert read(path).notes == ()
    data = path.read_bytes()
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, new))
    if told.startswith("no"):
        assert told in read(path).notes[0]
    elif told:
        with pytest.raises(InputError, match=told):
            read(path)
    else:
        assert read(path).notes == ()


def test_an_mgh_that_states_no_orientation_says_so(tmp_path: Path):
    path = tmp_path / "a.mgh"
    nib.save(nib.MGHImage(ijk(dtype=np.float32), oblique_affine()), path)
    assert read(path).notes == ()
    data = bytearray(path.read_bytes())
    data[28:30] = b"\0\0"
    path.write_bytes(bytes(data))
    assert "orientation" in read(path).notes[0]


@pytest.mark.parametrize("ending", [".nrrd", ".nhdr", ".mha", ".mhd"])
def test_nrrd_and_metaimage(tmp_path: Path, ending: str):
    image = sitk.GetImageFromArray(ijk())
    affine = RAS_TO_LPS @ oblique_affine()
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image.SetSpacing(spacing)
    image.SetOrigin(affine[:3, 3])
    image.SetDirection((affine[:3, :3] / spacing).ravel())
    path = tmp_path / f"a{ending}"
    sitk.WriteImage(image, str(path))
    found = read(path)
    np.testing.assert_allclose(found.affine, affine, atol=1e-6)
    assert_as_simpleitk(found, path, 1e-6)
    assert found.source.kind == ("nrrd" if "n" in ending else "metaimage")


def test_a_nrrd_in_ras_is_turned(tmp_path: Path):
    head = (
        "NRRD0004\ntype: short\ndimension: 3\nspace: right-anterior-superior\nsizes: 2 3 4\n"
        "space directions: (2,0,0) (0,3,0) (0,0,4)\nkinds: domain domain domain\n"
        "endian: little\nencoding: raw\nspace origin: (10,20,30)\n\n"
    )
    data = np.arange(24, dtype="<i2").tobytes()
    (tmp_path / "a.nrrd").write_bytes(head.encode() + data)
    image = read(tmp_path / "a.nrrd")
    expected = RAS_TO_LPS @ np.array([[2, 0, 0, 10], [0, 3, 0, 20], [0, 0, 4, 30], [0, 0, 0, 1]])
    np.testing.assert_allclose(image.affine, expected)


def test_arguments_that_do_not_fit(tmp_path: Path):
    path = save(tmp_path / "a.nii", ijk())
    with pytest.raises(InputError, match="no role 'EEG'"):
        read(path, modality="EEG")
    with pytest.raises(InputError, match="no series to choose from"):
        read(path, series="1")
    assert read(path, modality="flair").modality == "FLAIR"
