"""Is this image like the ones a model was trained on? A small vector of figures, and a distance.

The figures are robust to intensity units (MR) and to how much air surrounds the patient. They
cannot tell a good image from a bad one; they tell a limb from a head, and HU from anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.models.normalize import foreground

Floats = npt.NDArray[np.float64]

SHRINKAGE = 0.9
"""Of the correlation matrix toward the identity: there are as many figures as patients."""

LEAST_DEVIATION = 0.05
"""Standard deviations are at least this (figures are fractions or logarithms), so that a figure
that hardly varies in training does not decide everything."""

FACTORS = {"mr": (1.6, 1.9), "ct": (2.2, 4.0)}
"""Where to warn and to refuse, times the median distance of a training image from the others (each
left out in turn).
Set on training images and on images that must be refused: heads lie close to limbs, and nothing
in other units lies close to HU."""

MR_QUANTILES = (0.05, 0.15, 0.3, 0.5, 0.7, 0.85)
CT_BANDS = {
    "air": (-np.inf, -800.0),
    "lung": (-800.0, -300.0),
    "fat": (-300.0, -20.0),
    "soft": (-20.0, 150.0),
    "bone": (150.0, np.inf),
}


def features(image: Image, kinds: Sequence[str] = ("mr", "ct")) -> dict[str, float]:
    """Figures of an image, by name; those that begin with ``mr`` or ``ct`` are for that modality.

    Parameters
    ----------
    image : Image
        At least 2 x 2 in the plane; values that are not finite count as the smallest.
    kinds : sequence of str
        Figures for these modalities.

    Returns
    -------
    dict
        Fractions and logarithms, all finite.
    """
    voxels = image.voxels.astype(np.float32)
    finite = np.isfinite(voxels)
    if not finite.all():
        voxels = np.where(finite, voxels, voxels[finite].min() if finite.any() else 0.0)
    found: dict[str, float] = {}
    for kind, figures in (("mr", _mr), ("ct", _ct)):
        if kind in kinds:
            found |= figures(voxels, image.spacing)
    return found


def _mr(voxels: npt.NDArray[np.float32], spacing: tuple[float, float, float]) -> dict[str, float]:
    """Shape of the foreground's histogram, and how fast intensities change in the plane."""
    mask = foreground(voxels)
    inside = voxels[mask] if mask.any() else voxels.ravel()
    *quantiles, top = (float(v) for v in np.quantile(inside, (*MR_QUANTILES, 0.99)))
    top = max(top, 1e-6)
    found = {"mr foreground": float(mask.mean())}
    for q, value in zip(MR_QUANTILES, quantiles, strict=True):
        found[f"mr quantile {q:g}"] = value / top
    scaled = np.clip(voxels / top, 0, 1.5)
    found["mr middle gray"] = float(((inside > 0.4 * top) & (inside < 0.7 * top)).mean())
    # at a common resolution, so that voxel size does not count as anatomy
    sigma = [0.0, *(1.5 / s for s in (spacing[1], spacing[0]))]
    smooth = ndimage.gaussian_filter(scaled, sigma)
    steep = np.hypot(
        np.gradient(smooth, spacing[1], axis=1), np.gradient(smooth, spacing[0], axis=2)
    )
    within = ndimage.binary_erosion(mask, np.ones((1, 3, 3), dtype=bool), iterations=2)
    values = steep[within] if within.any() else steep.ravel()
    found["mr edges"] = float(np.log10(np.mean(values) + 1e-4))
    found["mr flat"] = float((values < 0.01).mean())
    filled = _filled(mask)
    dark = float((filled & ~mask).sum() / max(int(filled.sum()), 1))
    found["mr dark inside"] = float(np.log10(dark + 0.003)) / 3
    found["mr air at the edge"] = 1.0 - float(
        np.concatenate([mask[:, (0, -1)].ravel(), mask[:, :, (0, -1)].ravel()]).mean()
    )
    found["mr skull"] = _skull(scaled, filled, spacing)
    # on a scale on which none and little lie far apart, as do a limb and a head
    found["mr skull found"] = float(np.log10(found["mr skull"] + 0.02))
    found["mr mirror"] = _mirror(np.clip(scaled, 0, 1), filled, spacing)
    return found


def _skull(
    scaled: npt.NDArray[np.float32],
    body: npt.NDArray[np.bool_],
    spacing: tuple[float, float, float],
) -> float:
    """How much darker the body is 6 to 14 mm below its surface than at 2 to 5 mm: scalp and skull.

    Under the skin of a limb lies fat, bright on T1; under that of a head bone.
    """
    depth = np.stack(
        [
            ndimage.distance_transform_edt(np.pad(s, 1), sampling=(spacing[1], spacing[0]))[
                1:-1, 1:-1
            ]
            for s in body
        ]
    )
    skin, below = (depth > 1) & (depth < 5), (depth > 6) & (depth < 14)
    if not skin.any() or not below.any():
        return 0.0
    return float((scaled[below] < 0.2).mean())


def _filled(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.stack([ndimage.binary_fill_holes(slice_) for slice_ in mask])


def _mirror(
    scaled: npt.NDArray[np.float32],
    body: npt.NDArray[np.bool_],
    spacing: tuple[float, float, float],
) -> float:
    """How well the middle slices match their mirror image (i reversed): correlation in the body.

    Heads and trunks are symmetric, one limb is not.
    """
    depth = body.shape[0]
    middle = slice(depth // 3, max(depth // 3 + 1, depth - depth // 3))
    zoom = (1.0, min(1.0, spacing[1] / 3.0), min(1.0, spacing[0] / 3.0))
    image = ndimage.zoom(ndimage.gaussian_filter(scaled[middle], (0, 1, 1)), zoom, order=1)
    inside = ndimage.zoom(body[middle].astype(np.float32), zoom, order=1) > 0.5
    columns = np.flatnonzero(inside.any(axis=(0, 1)))
    if columns.size < 8:
        return 0.0
    best = -1.0
    center = columns[0] + columns[-1]
    reach = max(2, columns.size // 8)
    for twice in range(center - reach, center + reach + 1):
        first, last = max(0, twice - (inside.shape[2] - 1)), min(inside.shape[2] - 1, twice)
        here = image[:, :, first : last + 1]
        both = inside[:, :, first : last + 1]
        either = both | both[:, :, ::-1]
        a, b = here[either], here[:, :, ::-1][either]
        if a.size > 50 and a.std() > 1e-6:
            best = max(best, float(np.corrcoef(a, b)[0, 1]))
    return best


def _ct(voxels: npt.NDArray[np.float32], spacing: tuple[float, float, float]) -> dict[str, float]:
    """Shares of tissue by HU, of all and of what is not air, and the noise in soft tissue."""
    found = {}
    tissue = voxels > -300
    count = max(int(tissue.sum()), 1)
    for name, (low, high) in CT_BANDS.items():
        of = voxels.size if name in ("air", "lung") else count
        found[f"ct {name}"] = float(((voxels > low) & (voxels <= high)).sum()) / of
    body = voxels[tissue] if tissue.any() else voxels.ravel()
    steps = (0.1, 0.5, 0.9)
    for q, value in zip(steps, np.quantile(body, steps), strict=True):
        found[f"ct quantile {q:g}"] = float(np.clip(value, -1000, 2000)) / 1000.0
    rough = voxels - ndimage.uniform_filter(voxels, (1, 3, 3))
    soft = (voxels > -20) & (voxels < 150)
    spread = float(np.median(np.abs(rough[soft]))) if soft.any() else 0.0
    found["ct noise"] = float(np.log10(spread + 0.3))
    return found


def fit(
    training: Sequence[Mapping[str, float]], kind: str, factors: tuple[float, float] | None = None
) -> dict[str, Any]:
    """Statistics of training images, as kept in a model's card.

    Parameters
    ----------
    training : sequence of mapping
        `features` of each training image, four at least.
    kind : {'mr', 'ct'}
        Which figures count.
    factors : tuple of float, optional
        Where to warn and to refuse, where `FACTORS` is not meant.

    Returns
    -------
    dict
        ``names``, ``mean``, ``deviation``, ``inverse`` (of the shrunken correlation matrix),
        ``warn`` and ``refuse`` (distances), ``images``.

    Raises
    ------
    ValueError
        If there are fewer than four images.
    """
    if len(training) < 4:
        raise ValueError("statistics need at least four training images")
    names = [name for name in training[0] if name.startswith(f"{kind} ")]
    table = np.array([[one[name] for name in names] for one in training])
    left_out = [
        distance(one, _statistics(names, np.delete(table, n, axis=0)))
        for n, one in enumerate(training)
    ]
    # one odd training image must not open the door for everything: typical, not largest
    typical = float(np.median(left_out))
    warn, refuse = FACTORS[kind] if factors is None else factors
    return {
        **_statistics(names, table),
        "warn": round(warn * typical, 4),
        "refuse": round(refuse * typical, 4),
        "images": len(training),
    }


def _statistics(names: Sequence[str], table: Floats) -> dict[str, Any]:
    mean, deviation = table.mean(axis=0), np.maximum(table.std(axis=0, ddof=1), LEAST_DEVIATION)
    z = (table - mean) / deviation
    correlation = (1 - SHRINKAGE) * (z.T @ z) / (len(z) - 1)
    np.fill_diagonal(correlation, 1.0)
    return {
        "names": list(names),
        "mean": np.round(mean, 6).tolist(),
        "deviation": np.round(deviation, 6).tolist(),
        "inverse": np.round(np.linalg.inv(correlation), 6).tolist(),
    }


def unlike(what: str, statistics: Mapping[str, Any]) -> dict[str, Any]:
    """What statistics hold under ``unlike``: the figures of images that must be refused.

    An image that is nearer to these than to the training images is none of a model's, however
    near it is to both. A limit alone would have to be drawn through the images of both kinds.
    """
    return {"what": what, **{key: statistics[key] for key in _PLACE}}


_PLACE = ("names", "mean", "deviation", "inverse")


def distance(found: Mapping[str, float], statistics: Mapping[str, Any]) -> float:
    """Mahalanobis distance from the training images, per square root of the number of figures.

    About 1 for a training image. A figure that is missing counts as the training mean.
    """
    names = statistics["names"]
    mean = np.asarray(statistics["mean"], dtype=np.float64)
    values = np.array([found.get(name, m) for name, m in zip(names, mean, strict=True)])
    z = (values - mean) / np.asarray(statistics["deviation"], dtype=np.float64)
    squared = float(z @ np.asarray(statistics["inverse"], dtype=np.float64) @ z)
    return float(np.sqrt(max(squared, 0.0) / len(names)))
