"""The baseline to beat: the mean of the target for each combination of input intensities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Floats = npt.NDArray[np.floating]
BINS = {1: 64, 2: 48, 3: 32, 4: 16}
"""Classes an input, by the number of inputs."""


@dataclass(frozen=True)
class LookupTable:
    """Mean target in each class of the inputs, fitted on one patient.

    Attributes
    ----------
    values : numpy.ndarray
        One axis an input, `BINS` classes from 0 to 1 along each; an empty class holds the value
        of the nearest one that is not.
    """

    values: npt.NDArray[np.float64]

    @classmethod
    def fit(
        cls, inputs: Sequence[Floats], target: Floats, brain: npt.NDArray[np.bool_]
    ) -> LookupTable:
        """From one patient's images [k, j, i], clipped and scaled to 0 to 1, in the brain."""
        bins = BINS[len(inputs)]
        shape = (bins,) * len(inputs)
        codes = np.ravel_multi_index(_classes(inputs, bins), shape)[brain]
        counts = np.bincount(codes, minlength=bins ** len(inputs))
        sums = np.bincount(codes, target[brain].astype(np.float64), minlength=len(counts))
        means = (sums / np.maximum(counts, 1)).reshape(shape)
        empty = (counts == 0).reshape(shape)
        nearest = ndimage.distance_transform_edt(empty, return_distances=False, return_indices=True)
        return cls(means[tuple(nearest)])

    def __call__(self, inputs: Sequence[Floats]) -> npt.NDArray[np.float32]:
        """The target [k, j, i] of another patient's images, scaled likewise."""
        found = self.values[_classes(inputs, self.values.shape[0])]
        return np.asarray(found, dtype=np.float32)


def _classes(inputs: Sequence[Floats], bins: int) -> tuple[npt.NDArray[np.int64], ...]:
    return tuple(np.clip((one * bins).astype(np.int64), 0, bins - 1) for one in inputs)
