"""Label maps of heads as the generator takes them: axes toward superior, posterior, left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.axes import toward_lps
from SynthCore.errors import InputError
from SynthCore.files.read import read

ENDINGS = (".nii", ".nii.gz", ".mgz", ".nrrd", ".mha")

Triple = tuple[float, float, float]


def label_map_files(folder: Path) -> list[Path]:
    """Label maps of a folder, by name.

    Raises
    ------
    InputError
        If it is no folder, or holds none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder.name} is not a folder; give one of label maps with --labels.")
    files = sorted(path for path in folder.iterdir() if path.name.endswith(ENDINGS))
    if not files:
        raise InputError(f"The folder {folder.name} holds no label map (NIfTI, MGH or NRRD).")
    return files


def read_label_map(path: Path) -> tuple[npt.NDArray[np.int16], Triple]:
    """Read a label map.

    Returns
    -------
    numpy.ndarray
        int16 [k, j, i], axes toward superior, posterior, left.
    tuple of float
        Spacing along (k, j, i), mm.
    """
    image, _ = toward_lps(read(path))
    i, j, k = image.spacing
    return np.ascontiguousarray(np.rint(image.voxels)).astype(np.int16), (k, j, i)
