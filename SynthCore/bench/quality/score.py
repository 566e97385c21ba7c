"""Errors of a synthetic image everywhere, in the body and in a lesion, and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from SynthCore.bench.quality.case import Mask, QualityCase
from SynthCore.image import Image
from SynthCore.quality.evaluate import evaluate

Float32 = npt.NDArray[np.float32]

CT_CLIP = (-1024.0, 3000.0)
"""As in the preset ``synthrad2023``."""

MR_PERCENTILE = 99.5
BLOCK_SLICES = 5
"""Neighboring slices err alike, so they are resampled together."""

RESAMPLES = 2000


@dataclass(frozen=True)
class Scores:
    """Figures of one image; `by_slice` is [k, 2], the sum of errors and the voxels in the area."""

    psnr_db: float
    ssim: float
    whole: float
    area: float
    lesion: float
    signed: float
    by_slice: npt.NDArray[np.float64]


def score(made: Image, case: QualityCase) -> Scores:
    """Score an image against the case's reference, on one grid."""
    truth, area = case.reference, case.area
    difference = comparable(made, case) - comparable(truth, case)
    error = np.abs(difference)
    weight = 1.0 if truth.unit == "HU" else 100.0  # percent
    metrics = evaluate(
        made,
        truth,
        preset=case.preset,
        mask=truth.with_voxels(area.astype(np.uint8), modality="", unit=""),
    ).metrics
    sums = (error * area).sum(axis=(1, 2), dtype=np.float64) * weight
    return Scores(
        psnr_db=float(metrics.get("psnr_db", np.nan)),
        ssim=float(metrics.get("ssim", np.nan)),
        whole=weight * float(error.mean()),
        area=weight * float(error[area].mean()),
        lesion=weight * _mean(error, case.lesion),
        signed=weight * float(difference[area].mean()),
        by_slice=np.stack([sums, area.sum(axis=(1, 2))], axis=1),
    )


def comparable(image: Image, case: QualityCase) -> Float32:
    """CT clipped; MR, which has no unit, as a share of a percentile in the case's area.

    A sequence made from others may have any scale, so that each image is divided by its own
    percentile. Where the input's gray levels are to be kept, both are divided by the reference's:
    an image that is too bright is wrong. What lies outside the area counts in ``whole``.
    """
    voxels = image.voxels.astype(np.float32)
    if image.unit == "HU":
        np.clip(voxels, *CT_CLIP, out=voxels)
    else:
        scale = case.reference.voxels if case.keeps_scale else voxels
        voxels /= max(float(np.percentile(scale[case.area], MR_PERCENTILE)), 1e-6)
        np.clip(voxels, 0.0, 1.0, out=voxels)
    return voxels


def interval_of_difference(
    baseline: Scores, model: Scores, seed: int = 0
) -> tuple[float, float, float]:
    """How much lower the model's error in the area is: the figure and its 95% interval.

    The interval resamples blocks of neighboring slices of this one case: it says how far the
    figure depends on the slices, and nothing of other patients.
    """
    difference = baseline.by_slice[:, 0] - model.by_slice[:, 0]
    counts = model.by_slice[:, 1]
    blocks = [slice(n, n + BLOCK_SLICES) for n in range(0, len(counts), BLOCK_SLICES)]
    sums = np.array([[difference[b].sum(), counts[b].sum()] for b in blocks])
    sums = sums[sums[:, 1] > 0]
    rng = np.random.default_rng(seed)
    drawn = sums[rng.integers(len(sums), size=(RESAMPLES, len(sums)))].sum(axis=1)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    return float(difference.sum() / counts.sum()), float(low), float(high)


def interval_over_cases(values: npt.NDArray[np.float64], seed: int = 0) -> tuple[float, float]:
    """95% interval of a mean over cases, by resampling cases; NaN for fewer than three."""
    if len(values) < 3:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    drawn = values[rng.integers(len(values), size=(RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def _mean(error: Float32, mask: Mask | None) -> float:
    return float(error[mask].mean()) if mask is not None and mask.any() else float("nan")
