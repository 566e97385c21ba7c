"""Voxels and affine from a file's library to an `Image`, with the refusals all formats share."""

from __future__ import annotations

import numpy as np

from SynthCore.errors import InputError
from SynthCore.image import Affine, Array, Image, Source

RAS_TO_LPS = np.diag((-1.0, -1.0, 1.0, 1.0))

SHEAR_DEGREES = 0.1
SHEAR_VOXELS = 0.25
"""A grid whose axes lean by more than both (angle, and drift over the volume) is sheared."""


def make_image(
    voxels: Array, affine: Affine, source: Source, name: str, notes: tuple[str, ...]
) -> Image:
    """The image, its voxels in native byte order and at most 32-bit floats.

    Parameters
    ----------
    voxels : numpy.ndarray
        Shape (k, j, i).
    affine : numpy.ndarray
        4 x 4, indices (i, j, k, 1) to LPS mm.
    source : Source
        Where it came from.
    name : str
        The file as a message names it.
    notes : tuple of str
        What was assumed so far.

    Raises
    ------
    InputError
        If the affine is degenerate or sheared, or the voxels are not finite numbers.
    """
    advice = "correct the geometry in the header"
    if not np.all(np.isfinite(affine)):
        raise InputError(f"{name} has an orientation that is not a finite matrix; {advice}.")
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    if spacing.min() < 1e-6:
        raise InputError(f"{name} has a voxel spacing of zero; {advice}.")
    if spacing.max() > 1e6:
        raise InputError(f"{name} has a voxel spacing of {spacing.max():g} mm; {advice}.")
    if np.abs(affine[:3, 3]).max() > 1e9:
        raise InputError(f"{name} lies {np.abs(affine[:3, 3]).max():g} mm away; {advice}.")
    axes = affine[:3, :3] / spacing
    if abs(float(np.linalg.det(axes))) < 1e-3:
        raise InputError(f"{name} has axes that are parallel to each other; {advice}.")
    _check_right_angles(axes, spacing, voxels.shape, name)
    with np.errstate(over="ignore"):  # becomes infinite, and is refused as that
        voxels = voxels.astype(_plain_type(voxels.dtype), copy=False)
    if not np.all(np.isfinite(voxels)):
        bad = int(np.size(voxels) - np.count_nonzero(np.isfinite(voxels)))
        raise InputError(
            f"{name} holds {bad} NaN or infinite values; replace them with finite ones."
        )
    return Image(np.ascontiguousarray(voxels), affine + 0.0, source=source, notes=notes)


def _plain_type(dtype: np.dtype[np.generic]) -> np.dtype[np.generic]:
    if dtype.kind == "f":
        return np.dtype(np.float32)
    return dtype.newbyteorder("=")


def _check_right_angles(axes: Affine, spacing: Affine, shape: tuple[int, ...], name: str) -> None:
    extent = spacing * np.array(shape[::-1])
    for a, b in ((0, 1), (0, 2), (1, 2)):
        lean = abs(float(axes[:, a] @ axes[:, b]))
        drift = lean * float(max(extent[a], extent[b]))
        angle = float(np.degrees(np.arcsin(min(1.0, lean))))
        if angle > SHEAR_DEGREES and drift > SHEAR_VOXELS * float(spacing.min()):
            raise InputError(
                f"{name} has axes that are {90 - angle:.1f} degrees apart, not at right angles; "
                "resample it to a straight grid first."
            )
