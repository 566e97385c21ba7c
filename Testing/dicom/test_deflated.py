"""Deflated data sets are read, and a bomb is not inflated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from SynthCore.dicom.deflated import ALWAYS, read_file
from SynthCore.errors import InputError
from SynthCore.files.read import read
from Testing.dicom.odd_series import series, voxels


def deflated(folder: Path, pixels: bytes | None = None) -> list[Path]:
    """A small CT, deflated, its pixels replaced."""
    series(folder)
    files = sorted(folder.rglob("*.dcm"))
    for path in files:
        header = pydicom.dcmread(path)
        header.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
        if pixels is not None:
            header.PixelData = pixels
        header.save_as(path)
    return files


def test_a_deflated_series_is_read(tmp_path: Path) -> None:
    deflated(tmp_path)
    np.testing.assert_array_equal(read(tmp_path).voxels, voxels() - 1024)


def test_a_bomb_is_refused_before_it_is_inflated(tmp_path: Path) -> None:
    (bomb, *others) = deflated(tmp_path)
    header = pydicom.dcmread(bomb)
    header.PixelData = bytes(ALWAYS + 2**20)
    header.save_as(bomb)
    assert bomb.stat().st_size < ALWAYS / 500
    with pytest.raises(InputError, match="hundredth of its size"):
        read_file(bomb)
    with pytest.raises(InputError):
        read(tmp_path)
    whole = bomb.read_bytes()
    bomb.write_bytes(whole[132:])  # pydicom reads a file without its preamble, too
    with pytest.raises(InputError, match="hundredth of its size"):
        read_file(bomb, force=True)
    assert all(read_file(path).Modality == "CT" for path in others)
