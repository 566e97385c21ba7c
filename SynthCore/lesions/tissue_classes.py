"""White matter, gray matter and fluid of a brain as shares of every voxel.

Fluid is what lies far from the brain's median toward the dark end of T1 and the bright end of T2.
The rest is split by two Gaussians with one covariance, fitted to the gray values of the sequences
by expectation maximization (Wells et al., IEEE Trans Med Imaging 1996;15:429) after a smooth
shading is divided out. What is unlike both, such as lesions, is left out of the fit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.filters import threshold_otsu

from SynthCore.lesions.grids import broad, depth_in
from SynthCore.request import Progress, part_of

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Triple = tuple[float, float, float]

WHITE_IS_BRIGHT = {
    "T1": True, "T1c": True, "T2": False, "FLAIR": False, "PD": False, "DIR": False, "CT": False,
}  # fmt: skip
"""Whether white matter is brighter than gray; the first given splits, the others help."""

FLUID_IS_DARK = {"T1": True, "T1c": True, "T2": False, "FLAIR": True, "DIR": True, "CT": True}
"""Of sequences that tell fluid from tissue."""

_SHADING_MM = 25.0
_SAMPLES = 40_000
_ROUNDS = 30
_LEAST_SHARE = 0.35


def tissue_classes(
    channels: Mapping[str, Floats],
    brain: Mask,
    spacing: Triple,
    progress: Progress | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Shares of white matter, gray matter and fluid.

    Parameters
    ----------
    channels : mapping
        Sequences [k, j, i] by role, on one grid.
    brain : numpy.ndarray of bool
        The same shape.
    spacing : tuple of float
        mm along (k, j, i).
    progress : callable, optional
        Told the fraction done and the stage, between all steps that take long.

    Returns
    -------
    tuple of numpy.ndarray
        float32 [k, j, i], 0 outside of the brain, together 1 in it.
    """
    roles = [
        role
        for role in WHITE_IS_BRIGHT
        if role in channels and (role != "CT" or len(channels) == 1)
    ]
    tell, stage = part_of(progress, 0.0, 1.0), "tell tissues apart"
    tell(0.0, stage)
    depth = depth_in(brain, spacing)
    inner = depth > min(4.0, 0.3 * float(depth.max()))
    even: dict[str, Floats] = {}
    for n, role in enumerate(roles):
        tell(0.3 + 0.3 * n / len(roles), stage)
        even[role] = _even(channels[role], inner, spacing, role)
    tell(0.6, stage)
    fluid = _fluid(even, inner, brain)
    solid = inner & (ndimage.maximum_filter(fluid, size=(1, 3, 3)) < 0.2)
    if solid.sum() < 500:
        solid = brain & (fluid < 0.5)
    tell(0.75, stage)
    useful = [role for role in roles if role != "PD"][:3] or roles
    values = np.stack([even[role][brain] for role in useful], axis=1).astype(np.float64)
    middle, spread = _middle(values[solid[brain]])
    values = np.clip((values - middle) / spread, -4.0, 4.0)
    tell(0.85, stage)
    white = _white_share(values, solid[brain], WHITE_IS_BRIGHT[useful[0]])
    shares = [np.zeros(brain.shape, dtype=np.float32) for _ in range(3)]
    rest = 1 - fluid[brain]
    shares[0][brain], shares[1][brain], shares[2][brain] = (
        rest * white,
        rest * (1 - white),
        fluid[brain],
    )
    tell(1.0, stage)
    return shares[0], shares[1], shares[2]


def _fluid(even: Mapping[str, Floats], inner: Mask, brain: Mask) -> Floats:
    """Share of fluid: by T1 and T2 where both are there, else by what there is."""
    roles = [role for role in ("T1", "T2") if role in even] or [
        role for role in FLUID_IS_DARK if role in even
    ][:1]
    found = np.ones(brain.shape, dtype=np.float32)
    for role in roles:
        one = even[role]
        middle = float(np.median(one[inner]))
        end = float(np.percentile(one[inner], 1.0 if FLUID_IS_DARK[role] else 99.3))
        share = (one - middle) / (end - middle if end != middle else 1.0)
        found = np.minimum(found, np.clip((share - 0.35) / 0.4, 0, 1))
    return np.asarray(found * brain, dtype=np.float32)


def _even(voxels: Floats, inner: Mask, spacing: Triple, role: str) -> Floats:
    """The image without its noise's finest part, and without shading where it is MR."""
    fine = ndimage.gaussian_filter(
        voxels.astype(np.float32), [(1.6 if role == "CT" else 0.4) / s for s in spacing]
    )
    if role == "CT":
        return np.asarray(np.clip(fine, -20, 90))
    middle = float(np.median(fine[inner]))
    usual = inner & (fine > 0.6 * middle) & (fine < 1.6 * middle)
    weight = broad(usual, _SHADING_MM, spacing)
    level = broad(np.where(usual, fine, 0), _SHADING_MM, spacing)
    level = np.where(weight > 1e-3, level / np.maximum(weight, 1e-3), middle)
    return np.asarray(fine * (middle / np.maximum(level, 0.2 * middle)), dtype=np.float32)


def _middle(values: Doubles) -> tuple[Doubles, Doubles]:
    middle = np.median(values, axis=0)
    spread = 1.4826 * np.median(np.abs(values - middle), axis=0)
    return middle, np.maximum(spread, 1e-6)


def _white_share(values: Doubles, solid: Mask, bright: bool) -> npt.NDArray[np.float32]:
    """Likelihood of white matter [n] by two Gaussians with one covariance."""
    rng = np.random.default_rng(0)
    known = values[solid]
    known = known[np.abs(known).max(axis=1) < 3.5]
    few = known[rng.choice(len(known), min(_SAMPLES, len(known)), replace=False)]
    first = few[:, 0] if bright else -few[:, 0]
    weight = np.where(first > threshold_otsu(first), 0.95, 0.05)
    for _ in range(_ROUNDS):
        shares = weight.mean(), 1 - weight.mean()
        means = [(w[:, None] * few).sum(axis=0) / w.sum() for w in (weight, 1 - weight)]
        away = [few - mean for mean in means]
        covariance = sum(
            (w[:, None] * a).T @ a for w, a in zip((weight, 1 - weight), away, strict=True)
        ) / len(few)
        inverse = np.linalg.inv(covariance + 1e-3 * np.eye(few.shape[1]))
        share = float(np.clip(shares[0], _LEAST_SHARE, 1 - _LEAST_SHARE))
        weight = _posterior(few, means, inverse, share)
    return np.asarray(_posterior(values, means, inverse, share), dtype=np.float32)


def _posterior(values: Doubles, means: list[Doubles], inverse: Doubles, share: float) -> Doubles:
    squares = []
    for mean in means:
        away = values - mean
        squares.append(((away @ inverse) * away).sum(axis=1))
    odds = np.log(share / (1 - share)) + 0.5 * (squares[1] - squares[0])
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
