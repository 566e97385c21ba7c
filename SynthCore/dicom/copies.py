"""Files that hold one object, however each came here."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from SynthCore.dicom.decode import decode
from SynthCore.dicom.deflated import read_file


def same_object(one: Path, other: Path) -> bool:
    """Whether two files hold the same data set and the same pixels.

    Archives write a file meta of their own and may compress without loss on the way.

    Raises
    ------
    Exception
        As pydicom, where one cannot be read; see `SynthCore.dicom.guard.guarded`.
    """
    first, second = (read_file(path, force=True) for path in (one, other))
    plain = [{e.tag: e for e in header if e.keyword != "PixelData"} for header in (first, second)]
    if plain[0] != plain[1] or ("PixelData" in first) != ("PixelData" in second):
        return False
    return "PixelData" not in first or np.array_equal(decode(first), decode(second))
