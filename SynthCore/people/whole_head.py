"""Whether a label map is one of a whole head, and where it ends below."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.errors import RefusedError
from SynthCore.files.label_map import label_map_name, read_label_map
from SynthCore.physics.generator.labels import BONE, CEREBRUM, MIXED

Labels = npt.NDArray[np.int16]
Triple = tuple[float, float, float]

_LEAST_ML = {"brain (2, 3, 41, 42)": 100.0, "bone (515, 516)": 20.0, "soft tissue (507, 511)": 50.0}
_CUT_CM2 = 25.0


def read_whole_head(path: Path) -> tuple[Labels, Triple]:
    """Read a label map, and refuse what is none of a whole head.

    Raises
    ------
    InputError, RefusedError
        If it cannot be read, or is another one.
    """
    labels, spacing = read_label_map(path)
    refuse_other(labels, spacing, label_map_name(path))
    _refuse_flat(labels, label_map_name(path))
    return labels, spacing


def digest_of_labels(labels: Labels, spacing: Triple) -> str:
    """SHA-256 of voxels and spacing."""
    digest = hashlib.sha256(repr((labels.shape, tuple(round(s, 6) for s in spacing))).encode())
    digest.update(np.ascontiguousarray(labels, dtype="<i2").tobytes())
    return digest.hexdigest()


def refuse_other(labels: Labels, spacing: Triple, name: str) -> None:
    """Refuse what is no whole head in SynthSeg's numbers.

    Parameters
    ----------
    labels : numpy.ndarray
        int16 [k, j, i].
    spacing : tuple of float
        Along (k, j, i), mm.
    name : str
        Of the label map; empty for the phantom's.

    Raises
    ------
    RefusedError
        Naming what there is too little of.
    """
    ml = float(np.prod(spacing)) / 1000
    groups = (CEREBRUM, BONE, (MIXED["soft"], MIXED["rind"]))
    for (what, least), numbers in zip(_LEAST_ML.items(), groups, strict=True):
        if np.isin(labels, numbers).sum() * ml < least:
            raise RefusedError(
                f"The label map {name or 'of the phantom'} holds too little {what} to be a whole "
                "head in SynthSeg's numbers; give one with skull and skin."
            )


def _refuse_flat(labels: Labels, name: str) -> None:
    for axis in range(3):
        if np.count_nonzero(labels.any(axis=tuple(a for a in range(3) if a != axis))) < 2:
            raise RefusedError(f"The label map {name} is a single slice; give one of a whole head.")


def cut_level(labels: Labels, spacing: Triple) -> int | None:
    """The level at which the map ends within the body, None where the body ends by itself."""
    area = (labels > 0).sum(axis=(1, 2)) * spacing[1] * spacing[2] / 100
    first = int(np.flatnonzero(area)[0])
    ahead = max(1, round(3.0 / spacing[0]))
    if area[min(first + ahead, len(area) - 1)] < _CUT_CM2:
        return None
    level = first
    while level + ahead < len(area) and area[level] < 0.8 * area[level + ahead]:
        level += 1
    return level
