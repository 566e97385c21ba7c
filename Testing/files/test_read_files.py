"""NIfTI, NRRD, MetaImage and MGH in: the same world as nibabel and SimpleITK give, or a refusal."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image, corner_points

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def oblique_affine(flip: bool = False) -> np.ndarray:
    """RAS affine of an oblique, anisotropic grid."""
    c, s = np.cos(0.4), np.sin(0.4)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array(
        [[1, 0, 0], [0, c, -s], [0, s, c]]
    )
    affine = np.eye(4)
    affine[:3, :3] = turn * (0.7, 0.9, 3.1) * (-1 if flip else 1, 1, 1)
    affine[:3, 3] = (-31.5, 12.25, 7.0)
    return affine


def ijk(shape: tuple[int, int, int] = (5, 6, 7), dtype: type = np.int16, seed: int = 0):
    """Random voxels (i, j, k)."""
    return np.random.default_rng(seed).integers(0, 200, shape).astype(dtype)


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


def assert_as_simpleitk(image: Image, path: Path, tolerance: float = 1e-3) -> None:
    """Same shape, corners and values."""
    other = sitk.ReadImage(str(path))
    np.testing.assert_array_equal(image.voxels, sitk.GetArrayViewFromImage(other))
    k, j, i = (n - 1 for n in image.shape)
    points = [
        other.TransformIndexToPhysicalPoint(index)
        for index in [(a, b, c) for a in (0, i) for b in (0, j) for c in (0, k)]
    ]
    np.testing.assert_allclose(corner_points(image.shape, image.affine), points, atol=tolerance)


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


def save(path: Path, array: np.ndarray, affine: np.ndarray | None = None) -> Path:
    nib.save(nib.Nifti1Image(array, np.eye(4) if affine is None else affine), path)
    return path


def nan(value: float) -> np.ndarray:
    array = ijk(dtype=np.float32)
    array[1, 2, 3] = value
    return array


def rgb(tmp: Path) -> Path:
    array = np.zeros((4, 4, 4), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    return save(tmp / "rgb.nii", array)


def header_of(tmp: Path, *, keep: int = 352, **fields) -> Path:
    path = save(tmp / "h.nii", ijk())
    image = nib.load(path)
    header = image.header.copy()
    for name, value in fields.items():
        header[name] = value
    path.write_bytes(header.binaryblock + b"\0" * 4 + ijk().tobytes(order="F"))
    path.write_bytes(path.read_bytes()[:keep] if keep else path.read_bytes())
    return path


def sheared() -> np.ndarray:
    affine = np.diag([1.0, 1, 3, 1])
    affine[1, 2] = 0.8
    return affine


def color_nrrd(tmp: Path) -> Path:
    image = sitk.GetImageFromArray(np.zeros((4, 4, 4, 3), np.uint8), isVector=True)
    sitk.WriteImage(image, str(tmp / "c.nrrd"))
    return tmp / "c.nrrd"


def picture(tmp: Path) -> Path:
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((4, 4), np.uint8)), str(tmp / "p.nrrd"))
    return tmp / "p.nrrd"


def without_data(tmp: Path, ending: str, data: str) -> Path:
    sitk.WriteImage(sitk.GetImageFromArray(ijk()), str(tmp / f"a{ending}"))
    (tmp / f"a{data}").unlink()
    return tmp / f"a{ending}"


def cut(tmp: Path, ending: str) -> Path:
    path = tmp / f"a{ending}"
    sitk.WriteImage(sitk.GetImageFromArray(ijk((20, 20, 20))), str(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    return path


def flipped_byte(tmp: Path) -> Path:
    path = tmp / "a.nii.gz"
    raw = bytearray(gzip.compress(save(tmp / "a.nii", ijk((30, 30, 30))).read_bytes(), mtime=0))
    raw[-6] ^= 0xFF  # the checksum at the end
    path.write_bytes(bytes(raw))
    return path


def text(tmp: Path, name: str, content: bytes = b"not an image, only words " * 40) -> Path:
    (tmp / name).write_bytes(content)
    return tmp / name


def four_d_nrrd(tmp: Path) -> Path:
    image = sitk.GetImageFromArray(np.zeros((3, 4, 4, 4), np.uint8), isVector=False)
    sitk.WriteImage(image, str(tmp / "4.nrrd"))
    return tmp / "4.nrrd"


REFUSED = {
    "4D": (lambda t: save(t / "a.nii", np.zeros((4, 4, 4, 3), np.int16)), "four-dimensional .3 v"),
    "4D nrrd": (four_d_nrrd, "four-dimensional .3 v"),
    "vectors": (lambda t: save(t / "a.nii", np.zeros((4, 4, 4, 1, 3), np.int16)), "four-dimens"),
    "NaN": (lambda t: save(t / "a.nii.gz", nan(np.nan)), "holds 1 NaN or infinite"),
    "Inf": (lambda t: save(t / "a.nii.gz", nan(-np.inf)), "NaN or infinite"),
    "overflow": (lambda t: save(t / "a.nii", nan(1.0).astype(np.float64) * 1e300), "infinite"),
    "constant": (lambda t: save(t / "a.nii", np.full((4, 4, 4), 7, np.int16)), "every voxel is 7"),
    "complex": (lambda t: save(t / "a.nii", ijk(dtype=np.complex64)), "complex"),
    "RGB": (rgb, "color image"),
    "RGB nrrd": (color_nrrd, "3 numbers a voxel"),
    "picture": (picture, "two-dimensional"),
    "zero spacing": (lambda t: header_of(t, keep=0, srow_x=[0, 0, 0, 0]), "spacing of zero"),
    "flat": (lambda t: header_of(t, keep=0, srow_x=[1, 1, 0, 0], srow_y=[1, 1, 0, 0]), "parallel"),
    "no numbers": (lambda t: header_of(t, keep=0, srow_z=[0, 0, np.nan, 0]), "no finite matrix"),
    "shear": (lambda t: save(t / "a.nii", ijk(), sheared()), "not at right angles"),
    "header only": (lambda t: header_of(t), "cut short"),
    "no axis": (lambda t: header_of(t, keep=0, dim=[3, 5, 0, 7, 1, 1, 1, 1]), "no length"),
    "huge": (lambda t: header_of(t, keep=0, dim=[3, 32000, 32000, 32000, 1, 1, 1, 1]),
             "more than can be read"),
    "large": (lambda t: header_of(t, keep=0, dim=[3, 1000, 1000, 1000, 1, 1, 1, 1]), "cut short"),
    "empty": (lambda t: text(t, "a.nii.gz", b""), "is empty"),
    "words": (lambda t: text(t, "a.nii"), "not the kind of file"),
    "words gz": (lambda t: text(t, "a.nii.gz", gzip.compress(b"words " * 999)), "not the kind"),
    "words mgz": (lambda t: text(t, "a.mgz", gzip.compress(b"words " * 999)), "not the kind"),
    "words dcm": (lambda t: text(t, "a.dcm"), "a.dcm is not a DICOM file"),
    "words nrrd": (lambda t: text(t, "a.nrrd"), "cannot be read as NRRD"),
    "words mha": (lambda t: text(t, "a.mha"), "cannot be read as MetaImage"),
    "cut nii": (lambda t: cut(t, ".nii"), "cut short"),
    "cut nii.gz": (lambda t: cut(t, ".nii.gz"), "cut short"),
    "cut nrrd": (lambda t: cut(t, ".nrrd"), "damaged"),
    "cut mha": (lambda t: cut(t, ".mha"), "damaged"),
    "checksum": (flipped_byte, "damaged"),
    "no raw": (lambda t: without_data(t, ".mhd", ".raw"), "damaged or missing"),
    "no raw nhdr": (lambda t: without_data(t, ".nhdr", ".raw"), "damaged or missing"),
    "zip": (lambda t: text(t, "study.zip", b"PK\3\4"), "unpack it and give the folder"),
    "analyze": (lambda t: text(t, "a.hdr"), "Analyze"),
    "unknown": (lambda t: text(t, "a.docx"), "no image that can be read"),
    "absent": (lambda t: t / "nowhere.nii.gz", "not there"),
    "absent folder": (lambda t: t / "nowhere", "not there"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tmp_path: Path, name: str, capfd):
    make, words = REFUSED[name]
    path = make(tmp_path)
    with pytest.raises(InputError, match=words) as refused:
        read(path)
    message = str(refused.value)
    assert path.name in message
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 300


def test_an_unreadable_file(tmp_path: Path):
    path = save(tmp_path / "a.nii", ijk())
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(InputError, match="may not be read"):
        read(path)


@pytest.mark.parametrize("path", ["", "  ", "a\0b"])
def test_no_path(path: str):
    with pytest.raises(InputError):
        read(path)


def test_arguments_that_do_not_fit(tmp_path: Path):
    path = save(tmp_path / "a.nii", ijk())
    with pytest.raises(InputError, match="no role 'EEG'"):
        read(path, modality="EEG")
    with pytest.raises(InputError, match="no series to choose from"):
        read(path, series="1")
    assert read(path, modality="flair").modality == "FLAIR"


@pytest.mark.data
def test_every_real_volume_lies_where_simpleitk_puts_it(real_data: Path):
    files = [p for p in sorted(real_data.rglob("*")) if p.name.endswith((".nii.gz", ".nrrd"))]
    assert len(files) > 100
    for path in files:
        image = read(path)
        other = sitk.ImageFileReader()
        other.SetFileName(str(path))
        other.ReadImageInformation()
        assert image.shape == tuple(reversed(other.GetSize())), path
        step = np.array(other.GetDirection()).reshape(3, 3) * other.GetSpacing()
        theirs = np.eye(4)
        theirs[:3, :3], theirs[:3, 3] = step, other.GetOrigin()
        apart = corner_points(image.shape, image.affine) - corner_points(image.shape, theirs)
        assert np.abs(apart).max() < 1e-3, path
        assert image.notes == (), path


@pytest.mark.data
def test_real_values_are_those_of_both_libraries(real_data: Path):
    nifti = real_data / "mr_ct_pairs" / "STS_010" / "CT_image.nii.gz"
    assert_as_simpleitk(read(nifti), nifti)
    loaded = nib.load(nifti)
    np.testing.assert_array_equal(read(nifti).voxels, np.asarray(loaded.dataobj).T)
    assert_as_simpleitk(
        read(real_data / "tumour" / "pyradiomics" / "brain1_image.nrrd"),
        real_data / "tumour" / "pyradiomics" / "brain1_image.nrrd",
    )
