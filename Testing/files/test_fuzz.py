"""Damaged files: a clear refusal or a valid image, never another error."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.uid import RLELossless

from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image
from Testing.dicom.odd_series import NAME, NUMBER, enhanced, series, voxels

SEEDS = 150


def damaged(raw: bytes, seed: int) -> bytes:
    """Cut short, bytes changed, a piece taken out or doubled."""
    random = np.random.default_rng(seed)
    data = bytearray(raw)
    kind = seed % 4
    if kind == 0:
        return bytes(data[: random.integers(0, len(data))])
    if kind == 1:
        for _ in range(random.integers(1, 30)):
            data[random.integers(0, len(data))] = random.integers(0, 256)
    else:
        start = int(random.integers(0, len(data)))
        piece = data[start : start + int(random.integers(1, 60))]
        data[start : start + len(piece)] = b"" if kind == 2 else piece * 2
        if kind == 3:  # and the header once more, where most of the meaning is
            data[random.integers(0, min(600, len(data)))] ^= 1 << random.integers(0, 8)
    return bytes(data)


def classic(folder: Path) -> bytes:
    return series(folder, voxels((1, 9, 8)), SliceThickness=2)[0].read_bytes()


def compressed(folder: Path) -> bytes:
    path = series(folder, voxels((1, 9, 8)))[0]
    ds = pydicom.dcmread(path)
    ds.compress(RLELossless)
    ds.save_as(path)
    return path.read_bytes()


def multi_frame(folder: Path) -> bytes:
    return enhanced(folder / "e.dcm", voxels((3, 5, 4))).read_bytes()


def nifti(folder: Path) -> bytes:
    folder.mkdir()
    nib.save(nib.Nifti1Image(voxels((4, 5, 6)).T, np.eye(4)), folder / "a.nii")
    return (folder / "a.nii").read_bytes()


def nifti_gz(folder: Path) -> bytes:
    return gzip.compress(nifti(folder), mtime=0)


def mgh(folder: Path) -> bytes:
    folder.mkdir()
    nib.save(nib.MGHImage(voxels((4, 5, 6)).T, np.eye(4)), folder / "a.mgh")
    return (folder / "a.mgh").read_bytes()


def by_itk(folder: Path, ending: str) -> bytes:
    folder.mkdir()
    sitk.WriteImage(sitk.GetImageFromArray(voxels((4, 5, 6))), str(folder / f"a{ending}"))
    return (folder / f"a{ending}").read_bytes()


def nrrd(folder: Path) -> bytes:
    return by_itk(folder, ".nrrd")


def mha(folder: Path) -> bytes:
    return by_itk(folder, ".mha")


FORMATS = [
    (classic, ".dcm"),
    (compressed, ".dcm"),
    (multi_frame, ".dcm"),
    (nifti, ".nii"),
    (nifti_gz, ".nii.gz"),
    (mgh, ".mgh"),
    (nrrd, ".nrrd"),
    (mha, ".mha"),
]


@pytest.mark.parametrize(("make", "ending"), FORMATS, ids=[make.__name__ for make, _ in FORMATS])
def test_damaged_files(tmp_path: Path, make, ending: str, caplog):
    raw = make(tmp_path / "whole")
    path = tmp_path / f"damaged{ending}"
    refused = 0
    for seed in range(SEEDS):
        path.write_bytes(damaged(raw, seed))
        try:
            image = read(path)
        except InputError as error:
            refused += 1
            message = str(error)
            assert message.endswith("."), seed
            assert "Traceback" not in message, seed
            assert NAME not in message, seed
            assert NUMBER not in message, seed
        else:
            assert isinstance(image, Image)
            assert np.all(np.isfinite(image.voxels)), seed
            assert np.all(np.isfinite(image.affine)), seed
    assert refused >= SEEDS // 4  # cut short, every one of them, is refused
    assert not caplog.records  # nothing of a header reaches a log


def test_a_value_that_runs_on_over_the_name_is_not_quoted(tmp_path: Path):
    raw = classic(tmp_path / "whole")
    at = raw.index(b"\x08\x00\x60\x00CS") + 6  # the length of Modality
    length = raw.index(NUMBER.encode()) + len(NUMBER) - (at + 2)
    raw = raw[:at] + length.to_bytes(2, "little") + raw[at + 2 :]
    raw = raw.replace(b"1.2.840.10008.5.1.4.1.1.2\0", b"1.2.840.10008.5.1.4.1.1.7\0")
    raw = raw.replace(b"\x28\x00\x10\x00US\x02\x00\x09", b"\x28\x00\x10\x00US\x02\x00\x00")
    (tmp_path / "a.dcm").write_bytes(raw)
    with pytest.raises(InputError, match="no image") as refused:
        read(tmp_path / "a.dcm")
    assert NAME not in str(refused.value)
    assert "modality unknown" in str(refused.value)


def test_damaged_files_in_a_folder(tmp_path: Path):
    paths = series(tmp_path / "s", voxels((4, 6, 5)))
    raw = paths[2].read_bytes()
    for seed in range(SEEDS):
        paths[2].write_bytes(damaged(raw, seed))
        try:
            image = read(tmp_path / "s")
        except InputError as error:
            assert NAME not in str(error)
        else:
            assert image.shape in ((4, 6, 5), (1, 6, 5), (3, 6, 5)), seed
