"""Bringing a CT onto an MR of the same patient, rigidly, by mutual information.

Transforms are SimpleITK's: they map points of the fixed image (LPS mm) to points of the moving one.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage
from scipy.optimize import minimize

from SynthCore.image import Image
from SynthCore.itk import empty_itk, to_itk
from SynthCore.models.normalize import foreground
from SynthCore.quality.morphology import large_components
from SynthCore.request import Progress, part_of
from SynthCore.training.mutual_information import Float, mutual_information, sample
from SynthCore.training.rigid_move import LARGEST_MM, pivot, rotation_of

Bools = npt.NDArray[np.bool_]

AIR_HU = -1000.0
CT_WINDOW_HU = (-300.0, 700.0)
"""CT numbers are clipped to this range before matching: below is air, above all is cortex."""

PENALTY_PER_MM2 = 2e-4
"""Mutual information a mean squared displacement of 1 mm**2 must gain (0.02 for 10 mm).

Both images share the scanner's coordinates. A thigh looks the same a few centimeters up or down:
without this, noise and coil shading decide how far the CT slides along it."""

POINTS = 30_000
_SMOOTH_MM = (3.0, 1.0)
_COMPARISONS = 400
"""About so many a search takes, to tell how far it is."""

DARK_FRACTION = 0.15
"""Of the 99th percentile: cortical bone and air, but no muscle."""

REACH_MM = 8.0
"""In the plane, from what is dark deep inside the body: cortex and what lies beside it."""


def resample(
    moving: Image,
    fixed: Image,
    transform: sitk.Transform | None = None,
    *,
    outside: float = AIR_HU,
) -> Image:
    """`moving` on the grid of `fixed`, through `transform` (identity where there is none); linear.

    float32.
    """
    given = to_itk(moving.voxels.astype(np.float32), moving.affine)
    like = empty_itk(fixed.shape, fixed.affine)
    out = sitk.Resample(given, like, transform or sitk.Transform(), sitk.sitkLinear, outside,
                        sitk.sitkFloat32)  # fmt: skip
    return replace(moving, voxels=sitk.GetArrayFromImage(out), affine=fixed.affine)


def reached(
    moving: Image, fixed: Image, transform: sitk.Transform | None = None
) -> npt.NDArray[np.bool_]:
    """[k, j, i], where a voxel of `fixed` lies within the field of view of `moving`."""
    ones = moving.with_voxels(np.ones(moving.shape, dtype=np.float32))
    covered: npt.NDArray[np.bool_] = resample(ones, fixed, transform, outside=0.0).voxels > 0.999
    return covered


def interior(mr: Image, erode: int = 2, *, past_edge: bool = False) -> npt.NDArray[np.bool_]:
    """[k, j, i], the body in an MR without its outline, slice by slice.

    The outline itself is left out of the matching: soft tissue is pressed differently on the CT
    couch than in the coil, and the skin would pull the bones out of place. With `past_edge` the
    body is thought to go on past the edge of the field of view, so that bones cut by it are filled
    (and some corners of air are too).
    """
    cross = ndimage.generate_binary_structure(2, 1)
    margin = 12
    made = []
    for slice_ in foreground(mr.voxels):
        padded = np.pad(slice_, margin, mode="edge" if past_edge else "constant")
        closed = ndimage.binary_closing(padded, cross, iterations=8 if past_edge else 2)
        filled = ndimage.binary_fill_holes(closed)
        inner = ndimage.binary_erosion(filled, cross, iterations=erode) if erode else filled
        made.append(inner[margin:-margin, margin:-margin])
    return np.stack(made)


def near_cortex(mr: Image, inner: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """[k, j, i], within `REACH_MM` in the plane of what is dark deep inside the body: cortex.

    Bones move rigidly and flesh does not, so the matching looks at them more often.
    """
    cross = ndimage.generate_binary_structure(2, 1)[np.newaxis]
    deep = ndimage.binary_erosion(inner, cross, iterations=6, border_value=1)
    dark = deep & (mr.voxels < DARK_FRACTION * np.percentile(mr.voxels, 99))
    dark = large_components(ndimage.binary_opening(dark, cross, iterations=2), 0.05)
    if not dark.any():
        return dark
    away = ndimage.distance_transform_edt(~dark, sampling=[1e3, mr.spacing[1], mr.spacing[0]])
    near: npt.NDArray[np.bool_] = inner & (away <= REACH_MM)
    return near


def rigid_by_mutual_information(
    fixed: Image,
    moving: Image,
    *,
    mask: npt.NDArray[np.bool_] | None = None,
    window: tuple[float, float] = CT_WINDOW_HU,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Image, sitk.Euler3DTransform]:
    """Rotation and translation that maximize the mutual information of the two images.

    Powell's direct search from the scanner coordinates that both share, coarse then fine, over
    30,000 points of the body's interior, half of them near cortical bone where there is any, with
    a weak penalty on displacement.

    Parameters
    ----------
    fixed, moving : Image
        MR and CT of one patient in one frame of reference, 20 mm apart at most.
    mask : numpy.ndarray of bool, optional
        [k, j, i] of `fixed`, where to compare; `interior` of it otherwise.
    window : tuple of float
        `moving` is clipped to this range.
    seed : int
        Of the points.
    progress : callable, optional
        Told the fraction done at every comparison; what it raises stops the search.

    Returns
    -------
    Image
        `moving` on the grid of `fixed`, linearly interpolated, air where it does not reach.
    SimpleITK.Euler3DTransform
        From points of `fixed` to points of `moving`.
    """
    where = interior(fixed) if mask is None else mask
    hounsfield = fixed.unit == "HU"  # where bone is bright, not dark
    often = np.zeros_like(where) if hounsfield else near_cortex(fixed, where)
    size_mm = np.array(fixed.shape[::-1]) * fixed.spacing
    center, radius = pivot(fixed)
    signs = np.array([(a, b, c) for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)])
    corners = (0.3 * signs * size_mm) @ fixed.direction.T
    # flesh and bone may pull to different places: begin once with each, keep the better optimum
    starts = [where] if not often.any() else [where, often]
    tell = part_of(progress, 0.0, 1.0)
    searched = 0

    def search(start: Float, mask_: Bools, often_: Bools, smooth: float) -> tuple[float, Float]:
        nonlocal searched
        samples = sample(
            fixed, moving, mask_, often_, window=window, smooth_mm=smooth, count=POINTS, seed=seed
        )
        relative = samples.points - center

        compared = itertools.count()

        def cost(x: Float) -> float:
            part = min(1.0, next(compared) / _COMPARISONS)
            tell((searched + part) / (2 * len(starts)), "register")
            rotation = rotation_of(x, radius)
            shift = corners @ rotation.T + x[3:] - corners
            penalty = PENALTY_PER_MM2 * float((shift**2).sum(axis=1).mean())
            return penalty - mutual_information(samples, relative @ rotation.T + center + x[3:])

        bounds = [(-LARGEST_MM, LARGEST_MM)] * 6
        options = {"xtol": 0.02, "ftol": 1e-5, "maxiter": 12}
        found = minimize(cost, start, method="Powell", bounds=bounds, options=options)
        searched += 1
        return float(found.fun), np.asarray(found.x, dtype=np.float64)

    coarse, end = _SMOOTH_MM
    ends = [
        search(search(np.zeros(6), part, often, coarse)[1], where, often, end) for part in starts
    ]
    _, parameters = min(ends, key=lambda one: one[0])
    transform = sitk.Euler3DTransform()
    transform.SetCenter(center.tolist())
    transform.SetParameters([*(parameters[:3] / radius).tolist(), *parameters[3:].tolist()])
    return resample(moving, fixed, transform), transform
