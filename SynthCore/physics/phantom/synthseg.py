"""The digital phantom as a label map in SynthSeg's numbers, for the generator."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from SynthCore.physics.phantom.head import HEAD_GRID, make_head
from SynthCore.physics.phantom.layers import Grid
from SynthCore.physics.tissues import LABELS

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


def phantom_labels(seed: int, grid: Grid = HEAD_GRID) -> npt.NDArray[np.int16]:
    """The digital phantom without a tumor as a label map ``(k, j, i)`` in SynthSeg's numbers."""
    numbers = make_head(seed, grid, healthy=True).labels(LABELS).voxels
    table = np.full(max(LABELS.values()) + 1, _SOFT, dtype=np.int16)
    for name, number in LABELS.items():
        table[number] = _SYNTHSEG.get(name, _SOFT)
    return np.asarray(table[numbers])
