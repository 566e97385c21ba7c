"""Objects that cannot be read as what they seem to be, and the sentence that says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.files.read import read
from Testing.dicom.odd_series import alter, series, voxels


def test_a_mosaic_is_no_slice(tmp_path: Path) -> None:
    tiles = np.hstack(list(voxels((4, 16, 16))))[None]
    kinds = ["ORIGINAL", "PRIMARY", "M", "ND", "NORM", "MOSAIC"]
    (path,) = series(tmp_path / "s", tiles, modality="MR", ImageType=kinds)
    words = "0001.dcm is a mosaic: .* enhanced multi-frame, or convert it with dcm2niix"
    for where in (path, path.parent):
        with pytest.raises(InputError, match=words):
            read(where, modality="T1")


@pytest.mark.parametrize(
    "keyword",
    ["SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "PixelRepresentation"],
)
def test_what_tells_how_pixels_are_stored_is_named_where_it_lacks(
    keyword: str, tmp_path: Path
) -> None:
    path = alter(series(tmp_path / "s")[2], **{keyword: None})
    with pytest.raises(InputError, match=f"{path.name} lacks {keyword}, without which"):
        read(tmp_path / "s")
