"""Blur a face or take it away, and leave every voxel behind it as it was."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import ndimage

from SynthCore.dicom.deidentify.face import Face, face_region, find_face
from SynthCore.image import Affine, Array
from SynthCore.physics.generator.distances import largest_part
from SynthCore.quality.morphology import fill_slices

_BLUR_MM = 9.0
"""Standard deviation of the blur: features of a face are smaller."""

_ROUND_MM = 14.0
"""How far before the skin a face is blurred, so that its outline is."""

_CT_SKIN_HU = -400.0


def head_mask(voxels: Array, *, ct: bool) -> Array:
    """What is not air: the largest piece above a threshold, its holes filled.

    Parameters
    ----------
    voxels : numpy.ndarray
        HU where `ct`, else any unit with dark air, shape ``(k, j, i)``.
    """
    smooth = ndimage.gaussian_filter(voxels.astype(np.float32), (0, 1, 1))
    if ct:
        above = smooth > _CT_SKIN_HU
    else:
        low, high = np.percentile(smooth, (2, 98))
        above = smooth > low + 0.12 * (high - low)
    largest = largest_part(above)
    closed = np.stack([ndimage.binary_closing(plane, iterations=2) for plane in largest])
    return np.asarray(fill_slices(closed) | largest)


def faces_in(voxels: Array, affine: Affine, *, ct: bool) -> tuple[Face, Array] | None:
    """The face of a volume and what of it is to be hidden, None where no face is to be seen.

    Parameters
    ----------
    voxels : numpy.ndarray
        HU where `ct`, shape ``(k, j, i)``.
    affine : numpy.ndarray
        Indices (i, j, k, 1) to LPS millimeters.
    """
    head = head_mask(voxels, ct=ct)
    face = find_face(head, affine)
    if face is None:
        return None
    region = face_region(face, voxels.shape, affine)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)[::-1]
    box = ndimage.find_objects(region.astype(np.uint8))
    if not box:
        return None
    before = ndimage.distance_transform_edt(~head[box[0]], sampling=spacing) < _ROUND_MM
    region[box[0]] &= before
    return face, region


def hide_face(
    stored: Array, region: Array, spacing: tuple[float, ...], how: Literal["blur", "remove"]
) -> Array:
    """The stored values with the face blurred, or as the air before it.

    Parameters
    ----------
    stored : numpy.ndarray
        Stored values, shape ``(k, j, i)``.
    region : numpy.ndarray
        What is changed; nothing else is.
    spacing : tuple of float
        Along k, j, i in mm.
    how : str
        ``blur`` or ``remove``.
    """
    changed = stored.copy()
    if how == "remove":
        # the dark fifth of what lies round the head
        changed[region] = np.percentile(stored[region], 5, method="nearest")
        return changed
    blurred = ndimage.gaussian_filter(
        stored.astype(np.float32), [_BLUR_MM / mm for mm in spacing], truncate=3.0
    )
    changed[region] = np.round(blurred[region]).astype(stored.dtype)
    return changed
