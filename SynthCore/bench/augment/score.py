"""How well lesions were found, and what the difference of two trainings is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]
SMALLEST = 2
"""Voxels of the smallest lesion that counts (16 mm^3 at 2 mm)."""

DRAWS = 20_000


def scores(found: Mask, truth: Mask, voxel_ml: float) -> dict[str, float]:
    """Dice of voxels, sensitivity and precision by lesion (one that the other touches), ml."""
    both = float((found & truth).sum())
    size = float(found.sum() + truth.sum())
    return {
        "dice": 2 * both / size if size else 1.0,
        "lesion_sensitivity": _touched(truth, found),
        "lesion_precision": _touched(found, truth),
        "found_ml": float(found.sum()) * voxel_ml,
        "true_ml": float(truth.sum()) * voxel_ml,
    }


def interval(differences: Mapping[str, Sequence[float]], seed: int = 0) -> tuple[float, ...]:
    """Mean of paired differences and its 95% bootstrap interval.

    Seeds are drawn with replacement within each fold, and the folds' means are averaged
    (percentile interval, Efron and Tibshirani 1993, chapter 13). Folds are not drawn: two patients
    say nothing about how patients differ, and this interval says nothing about it either.
    """
    random = np.random.default_rng(seed)
    folds = [np.asarray(values, dtype=float) for values in differences.values()]
    drawn = np.mean(
        [f[random.integers(len(f), size=(DRAWS, len(f)))].mean(axis=1) for f in folds], axis=0
    )
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(np.mean([f.mean() for f in folds])), float(low), float(high)


def _touched(mask: Mask, by: Mask) -> float:
    """The share of the pieces of `mask` that `by` touches; not a number where there are none."""
    pieces, count = ndimage.label(mask, np.ones((3, 3, 3)))
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)[1:]
    hits = np.bincount(pieces[by].ravel(), minlength=count + 1)[1:] > 0
    kept = sizes >= SMALLEST
    return float(hits[kept].mean()) if kept.any() else float("nan")
