"""Masks: the body in MR and CT, and the tissue two images share.

Arrays are indexed ``[k, j, i]``; spacing is in millimeters along ``(i, j, k)``, as in
`SynthCore.image`. Slices are the planes of constant ``k``. They are often several times thicker
than their pixels are wide, so every erosion and every filling of holes works within a slice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.filters import threshold_multiotsu, threshold_otsu

from SynthCore.errors import InputError
from SynthCore.quality.morphology import closed, eroded, fill_slices, large_components, opened

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

MR_TISSUE_FRACTION = 0.06
"""Of the 99th percentile: MR above it is tissue rather than air or cortical bone."""

CT_TISSUE_HU = -300.0
"""CT above it is tissue rather than air or lung."""

TABLE_MM = 4.0
"""A couch shell is thinner than twice this; limbs, trunk and head are not."""

MOST_STEPS = 24
"""Morphology is bounded by this: a grid of micrometers must not take thousands of passes."""

_CROSS_IN_SLICE = ndimage.generate_binary_structure(2, 1)[np.newaxis]


def otsu_foreground(voxels: Voxels) -> Mask:
    """Voxels above the lower of Otsu's two thresholds for three classes.

    The classes are air, dark tissue and bright tissue: a single threshold falls between muscle
    and fat wherever the body fills the image. It is found on square roots of the intensities,
    clipped at their 99th percentile; on 40 MR images of the head, trunk and limbs it lies
    between 6 and 18% of that percentile. Voxels that are not finite are background, and so is
    everything in a constant image; an image of two values is split between them.

    Parameters
    ----------
    voxels : numpy.ndarray
        Any shape, any unit.

    Returns
    -------
    numpy.ndarray of bool
        The same shape.

    References
    ----------
    Otsu, IEEE Trans. Syst. Man Cybern. 9, 62 (1979).
    Liao, Chen, Chung, J. Inf. Sci. Eng. 17, 713 (2001).
    """
    finite = np.isfinite(voxels)
    if not finite.any():
        return np.zeros(voxels.shape, dtype=np.bool_)
    whole = bool(finite.all())
    values = np.asarray(voxels if whole else np.where(finite, voxels, 0), dtype=np.float32)
    inside = values.ravel() if whole else values[finite]
    low, high = float(inside.min()), float(np.percentile(inside, 99))
    if high <= low:  # a few bright voxels on a constant background, or nothing
        return np.asarray(finite & (values > low))
    roots = np.clip(values, low, high)
    np.sqrt(np.subtract(roots, low, out=roots), out=roots)
    inside = roots.ravel() if whole else roots[finite]
    try:
        threshold = float(threshold_multiotsu(inside, classes=3)[0])
    except ValueError:  # fewer than three values
        threshold = float(threshold_otsu(inside))
    return np.asarray(finite & (roots > threshold))


def body_mask_mr(voxels: Voxels, spacing: tuple[float, float, float]) -> Mask:
    """Find the body in MR: foreground, closed over 5 mm, large parts, holes filled per slice.

    Parameters
    ----------
    voxels : numpy.ndarray
        Shape ``(k, j, i)``, arbitrary units, air dark.
    spacing : tuple of float
        Millimeters along (i, j, k).

    Returns
    -------
    numpy.ndarray of bool
        Shape ``(k, j, i)``; all false where the image is constant.
    """
    steps = _steps(5.0, spacing)
    mask = large_components(opened(otsu_foreground(voxels), min(1, steps)))
    return fill_slices(closed(mask, steps))


def body_mask_ct(voxels: Voxels, spacing: tuple[float, float, float]) -> Mask:
    """Find the body in CT, lungs and bowel gas included, without the couch.

    Tissue above `CT_TISSUE_HU` is opened within the slice by `TABLE_MM`, which takes away couch
    shells, sheets and cables; parts of at least `COMPONENT_FRACTION` of the largest stay, grow
    back to their outline, and have their holes filled slice by slice.

    Parameters
    ----------
    voxels : numpy.ndarray
        Shape ``(k, j, i)``, HU.
    spacing : tuple of float
        Millimeters along (i, j, k).

    Returns
    -------
    numpy.ndarray of bool
        Shape ``(k, j, i)``; all false where there is no tissue.
    """
    tissue = np.asarray(voxels > CT_TISSUE_HU)
    steps = _steps(TABLE_MM, spacing)
    core = large_components(opened(tissue, steps))
    if steps:
        # an opening by a diamond cuts corners: one step more gives the outline back
        core = ndimage.binary_dilation(core, _CROSS_IN_SLICE, iterations=2, mask=tissue)
    return fill_slices(core)


def tissue_of_both(mr: Voxels, ct: Voxels, *, erosion: int = 2) -> Mask:
    """Where MR and CT of one patient both show tissue, away from their outlines.

    MR above 6% of its 99th percentile and CT above -300 HU, eroded by two voxels. The erosion
    works in each slice with the 4-neighbor cross: slices are thick, and eroding across them
    would take a centimeter at either end. The edge of the image counts as background.

    Cortical bone is as dark as air in MR and is mostly left out by the threshold, with two
    voxels around it: judge bone by its Dice beside this mask, not by the error inside it.

    Parameters
    ----------
    mr : numpy.ndarray
        Shape ``(k, j, i)``, arbitrary units.
    ct : numpy.ndarray
        The same shape, HU, on the same grid.
    erosion : int
        Voxels to erode by.

    Returns
    -------
    numpy.ndarray of bool
        Shape ``(k, j, i)``.

    Raises
    ------
    InputError
        If the shapes differ.
    """
    if mr.shape != ct.shape:
        raise InputError(
            f"The MR of shape {mr.shape} and the CT of shape {ct.shape} are on different grids; "
            "resample one onto the other."
        )
    both = (mr > MR_TISSUE_FRACTION * np.percentile(mr, 99)) & (ct > CT_TISSUE_HU)
    return eroded(np.asarray(both), erosion)


def _steps(millimeters: float, spacing: tuple[float, float, float]) -> int:
    """Pixels in a slice that make up so many millimeters, `MOST_STEPS` at the most."""
    return min(MOST_STEPS, round(millimeters / float(np.sqrt(spacing[0] * spacing[1]))))
