"""A small head as a label map, for tests: spheres in SynthSeg's numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def small_head(side: int = 96) -> npt.NDArray[np.int16]:
    """Labels [k, j, i] at 1 mm: skin, fat and muscle, skull with marrow, CSF, brain, ventricle."""
    middle = (side - 1) / 2
    k, j, i = np.meshgrid(*(np.arange(side) - middle,) * 3, indexing="ij")
    radius = np.sqrt(k**2 + j**2 + i**2)
    labels = np.zeros((side, side, side), dtype=np.int16)
    for reach, label in ((42, 511), (37, 507), (32, 515), (29, 516), (27, 515), (25, 24), (23, 3),
                         (20, 2), (5, 4)):  # fmt: skip
        labels[radius < reach] = label
    labels[(radius < 20) & (radius >= 5) & (i > 0)] = 41
    labels[(radius < 23) & (radius >= 20) & (i > 0)] = 42
    # an eye with its muscle, and a sinus
    labels[np.sqrt((k + 6) ** 2 + (j + 36) ** 2 + (i - 12) ** 2) < 7] = 506
    labels[np.sqrt((k + 6) ** 2 + (j + 35) ** 2 + (i + 12) ** 2) < 4] = 0
    labels[np.sqrt((k - 24) ** 2 + j**2 + i**2) < 2.5] = 514
    return labels
