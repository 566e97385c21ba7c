"""A written series to spoil, and what verification says of it then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

DIGEST = "A tag or the pixels were changed: the data set does not match its digest."
PIXELS = "The pixels were changed: they do not match the record."


def edit(folder: Path, change: Callable[[Dataset], None], number: int = 3) -> None:
    """Change one object, as any DICOM library would."""
    path = folder / f"IMG{number:04d}.dcm"
    header = pydicom.dcmread(path)
    change(header)
    header.save_as(path)
