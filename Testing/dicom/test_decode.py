"""A compressed frame is decoded only if it is as large as its header says."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless

from SynthCore.dicom.decode import decode, sizes
from SynthCore.errors import InputError
from SynthCore.files.read import read
from Testing.dicom.odd_series import enhanced, series, voxels


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless])
@pytest.mark.parametrize("kind", ["classic", "enhanced"])
def test_frames_that_unfold_to_more_than_their_header_says(tmp_path: Path, syntax, kind: str):
    array = voxels((3, 400, 360))
    if kind == "classic":
        path = series(tmp_path / "s", array)[1]
    else:
        path = enhanced(tmp_path / "s" / "e.dcm", array)
    ds = pydicom.dcmread(path)
    ds.compress(syntax)
    ds.Rows, ds.Columns = 40, 36
    ds.save_as(path)
    whole = pydicom.dcmread(path)
    for index in (None, 0):
        with pytest.raises(InputError, match="says 400 x 360 where its header says 40 x 36"):
            decode(whole, index=index)
    with pytest.raises(InputError):
        read(tmp_path / "s")


def test_a_codestream_in_boxes_and_one_that_tells_no_size():
    box = b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(8)
    code = b"\xff\x4f\xff\x51" + b"\0\x29\0\0" + b"".join(
        n.to_bytes(4, "big") for n in (70, 90, 6, 5, 64, 64, 0, 0)
    ) + b"\0\x01\x07\x01\x01"  # fmt: skip
    assert sizes(code) == sizes(box + code) == ((85, 64, 1),)
    assert len(sizes(box + code.replace(b"\0\0\0\x5a", b"\0\0\0\x5b") + code)) == 2
    assert sizes(code[:30]) == sizes(b"\xff\xd8\xff\xe0\0\x10") == sizes(b"") == ()
