"""Volumes that cannot be read, or must not be: each refused in one sentence that names it."""

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
from Testing.files.volumes import ijk, save


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
    "no numbers": (lambda t: header_of(t, keep=0, srow_z=[0, 0, np.nan, 0]), "not a finite matrix"),
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
    "unknown": (lambda t: text(t, "a.docx"), "not an image that can be read"),
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
