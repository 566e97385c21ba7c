"""A fill with the noise of its surroundings, faded into the real image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.lesions.levels import flat_half, make_noise, noise_of, whole_numbers
from SynthCore.quality.body import body_in

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

RING_MM = 15.0
"""Healthy tissue around the mask that noise and spread are measured in."""


def stripped(voxels: Floats) -> Mask:
    """[k, j, i]: what was set to 0 around a brain, and hangs together from a corner of the image.

    None of an image whose air has noise.
    """
    zero = voxels == 0
    pieces, _ = ndimage.label(zero)
    corners = {int(pieces[k, j, i]) for k in (0, -1) for j in (0, -1) for i in (0, -1)} - {0}
    return np.asarray(np.isin(pieces, list(corners)))


def fade_in(
    image: Image, fill: Floats, core: Mask, wide: Mask, smoothing_mm: float, seed: int
) -> tuple[Floats, float]:
    """The fill with noise, faded into the real image; and the spread of healthy tissue.

    Parameters
    ----------
    image : Image
        The real one.
    fill : numpy.ndarray
        [k, j, i], with the region filled.
    core, wide : numpy.ndarray of bool
        The mask, and the same with its margin: outside the second the real voxels stay, inside
        the first the fill.
    smoothing_mm : float
        Over which the fill fades into the image.
    seed : int
        Of the noise.

    Returns
    -------
    voxels : numpy.ndarray
        float32 [k, j, i].
    spread : float
        Robust standard deviation of what lies within `RING_MM` of the region, in the image's unit.
    """
    real = image.voxels.astype(np.float32)
    spacing = image.spacing[::-1]
    # measured in the filled image: what is removed must not count
    kept = real[~wide]
    body = body_in(image.with_voxels(fill))
    away = ndimage.distance_transform_edt(~wide, spacing)
    ring = body & (away > 0) & (away <= RING_MM)
    if not ring.any():
        ring = (away > 0) & (away <= RING_MM)
    spread = max(1.4826 * float(np.median(np.abs(fill[ring] - np.median(fill[ring])))), 1e-6)
    noise, correlation = noise_of(fill, flat_half(fill, ring))
    own, _ = noise_of(fill, flat_half(fill, wide))
    lack = float(np.sqrt(max(noise**2 - own**2, 0.0)))
    box = ndimage.find_objects(wide.astype(np.uint8))[0]
    grainy = fill.copy()
    grainy[box] += make_noise(grainy[box].shape, lack, correlation, seed)
    if image.unit != "HU":
        grainy = np.maximum(grainy, float(kept.min(initial=0)))
        grainy = np.where(fill <= 0, fill, grainy)  # air stays air
        grainy = np.where(stripped(real), 0, grainy)
    inside = ndimage.distance_transform_edt(wide, spacing)
    weight = np.clip(inside / smoothing_mm, 0, 1) if smoothing_mm > 0 else np.ones_like(inside)
    weight = np.where(core, 1.0, weight)
    mixed = (weight * grainy + (1 - weight) * real).astype(np.float32)
    if np.array_equal(kept, np.rint(kept)):
        mixed = whole_numbers(mixed)
    return np.where(wide, mixed, real), spread
