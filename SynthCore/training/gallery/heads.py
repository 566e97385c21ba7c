"""Label maps for the page: a folder's, or the digital phantom's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.axes import toward_lps
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.physics.phantom.head import HEAD_GRID, make_head
from SynthCore.physics.phantom.layers import Grid
from SynthCore.physics.tissues import LABELS

_ENDINGS = (".nii", ".nii.gz", ".mgz", ".nrrd", ".mha")

_SYNTHSEG = {
    "air": 0, "skin": 511, "mucosa": 509, "compact bone": 515, "petrous bone": 515, "diploe": 516,
    "marrow": 516, "enamel": 515, "dentin": 515, "dura": 24, "csf": 24, "gray matter": 3,
    "white matter": 2, "caudate": 11, "putamen": 12, "pallidum": 13, "thalamus": 10,
    "brainstem": 16, "red nucleus": 16, "spinal cord": 512, "optic nerve": 530,
    "choroid plexus": 136, "calcification": 136, "blood": 514, "vitreous": 506, "lens": 506,
    "eye wall": 506, "edema": 2, "tumor": 2, "necrosis": 2,
}  # fmt: skip
"""SynthSeg's number of the phantom's tissues; all others are soft tissue."""

_SOFT = 507


def read_heads(folder: Path | None, count: int) -> list[tuple[str, Anatomy]]:
    """Label maps by name, made ready: the first of a folder, or phantoms where none is given.

    Raises
    ------
    InputError
        If the folder holds no label map, or one cannot be read.
    """
    if folder is None:
        labels = ((f"phantom {seed}", phantom_labels(seed)) for seed in range(min(count, 2)))
        return [(name, read_anatomy(torch.from_numpy(voxels))) for name, voxels in labels]
    if not folder.is_dir():
        raise InputError(f"{folder.name} is not a folder; give one of label maps with --labels.")
    files = sorted(path for path in folder.iterdir() if path.name.endswith(_ENDINGS))[:count]
    if not files:
        raise InputError(f"The folder {folder.name} holds no label map (NIfTI, MGH or NRRD).")
    return [(path.name.split(".")[0], _read(path)) for path in files]


def phantom_labels(seed: int, grid: Grid = HEAD_GRID) -> npt.NDArray[np.int16]:
    """The digital phantom without a tumor as a label map ``(k, j, i)`` in SynthSeg's numbers."""
    numbers = make_head(seed, grid, healthy=True).labels(LABELS).voxels
    table = np.full(max(LABELS.values()) + 1, _SOFT, dtype=np.int16)
    for name, number in LABELS.items():
        table[number] = _SYNTHSEG.get(name, _SOFT)
    return np.asarray(table[numbers])


def _read(path: Path) -> Anatomy:
    image, _ = toward_lps(read(path))
    voxels = np.ascontiguousarray(np.rint(image.voxels)).astype(np.int16)
    i, j, k = image.spacing
    return read_anatomy(torch.from_numpy(voxels), (k, j, i))
