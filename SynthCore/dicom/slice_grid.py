"""From an image's affine to the planes of a DICOM series, every voxel at its exact place.

DICOM knows planes, not volumes: each has the position of its first voxel's center
(ImagePositionPatient) and the directions in which columns and rows count up
(ImageOrientationPatient), all in LPS millimeters as here (PS3.3, C.7.6.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.valuerep import format_number_as_ds

from SynthCore.dicom.source_slices import Plane, SourceSlice
from SynthCore.dicom.stack import MAX_SHEAR
from SynthCore.dicom.texts import decimal
from SynthCore.errors import InputError
from SynthCore.image import Affine, Array, Image

_ALONG = {
    0: ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
    1: ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    2: ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
}
"""By the patient axis that slices follow (x sagittal, y coronal, z axial): the directions along
which columns and rows count up on a screen, patient's left at the right, head or front on top."""


@dataclass(frozen=True)
class SliceGrid:
    """The slices to write, in the order of their instance numbers.

    Attributes
    ----------
    voxels : numpy.ndarray
        A view of the image's voxels, shape (slice, row, column).
    planes : tuple of Plane
        Where each slice lies.
    k : tuple of int
        The image's slice index of each.
    locations : tuple of float
        Millimeters along the slices' normal, increasing.
    spacing : float
        Millimeters between slices.
    """

    voxels: Array
    planes: tuple[Plane, ...]
    k: tuple[int, ...]
    locations: tuple[float, ...]
    spacing: float


def slice_grid(image: Image, matched: tuple[SourceSlice, ...] | None = None) -> SliceGrid:
    """The planes of `image`: the source's own where it has them, else by its affine.

    Slices are ordered along the normal of their planes, which a left-handed grid runs against.
    Without a source, rows and columns are also turned to the way readers show them.

    Raises
    ------
    InputError
        If the affine is sheared, or a slice has more rows or columns than DICOM can count.
    """
    shear = np.abs(image.direction.T @ image.direction - np.eye(3)).max()
    if matched is None and shear > MAX_SHEAR:
        raise InputError(
            "The axes of the image are not at right angles, which DICOM cannot hold; "
            "resample it onto a straight grid first."
        )
    turn = np.eye(4) if matched else upright(image)
    turn = _along_normal(image, turn)
    voxels = turned(image.voxels, turn)
    if max(voxels.shape[1:]) > 65535:
        raise InputError("A slice has more than 65535 rows or columns, which DICOM cannot hold.")
    affine = image.affine @ turn
    count = voxels.shape[0]
    k = tuple(round(float((turn @ (0, 0, s, 1))[2])) for s in range(count))
    planes = tuple(matched[n].plane for n in k) if matched else _planes(affine, count)
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    normal = np.cross(axes[:, 0], axes[:, 1])
    return SliceGrid(
        voxels,
        planes,
        k,
        tuple(float(np.array([float(v) for v in p.position]) @ normal) for p in planes),
        image.spacing[2],
    )


def upright(image: Image) -> Affine:
    """Index transform (i', j', k, 1) -> (i, j, k, 1) that shows slices the usual way up."""
    along = int(np.argmax(np.abs(image.direction[:, 2])))
    columns, rows = (np.array(v) @ image.direction for v in _ALONG[along])
    swap = abs(columns[0]) + abs(rows[1]) < abs(columns[1]) + abs(rows[0])
    first, second = (1, 0) if swap else (0, 1)
    turn = np.zeros((4, 4))
    turn[2, 2] = turn[3, 3] = 1.0
    for new, old, sign in ((0, first, columns[first]), (1, second, rows[second])):
        _set_axis(turn, new, old, flip=sign < 0, size=image.shape[2 - old])
    return turn


def turned(voxels: Array, turn: Affine) -> Array:
    """The view of `voxels` [k, j, i] that the index transform `turn` describes."""
    axes = [int(np.argmax(np.abs(turn[:3, new]))) for new in (2, 1, 0)]
    view = voxels.transpose([2 - axis for axis in axes])
    steps = tuple(
        slice(None, None, -1 if turn[axis, new] < 0 else 1)
        for new, axis in zip((2, 1, 0), axes, strict=True)
    )
    result: Array = view[steps]
    return result


def _along_normal(image: Image, turn: Affine) -> Affine:
    """`turn`, with k reversed where the normal of the planes runs against k."""
    axes = image.affine[:3, :3] @ turn[:3, :3]
    if np.cross(axes[:, 0], axes[:, 1]) @ axes[:, 2] > 0:
        return turn
    reverse = np.eye(4)
    _set_axis(reverse, 2, 2, flip=True, size=image.shape[0])
    return turn @ reverse


def _set_axis(turn: Affine, new: int, old: int, *, flip: bool, size: int) -> None:
    turn[:3, new] = 0.0
    turn[old, new] = -1.0 if flip else 1.0
    turn[old, 3] = size - 1 if flip else 0.0


def _planes(affine: Affine, count: int) -> tuple[Plane, ...]:
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    columns = affine[:3, 0] / spacing[0]
    rows = affine[:3, 1] / spacing[1]
    # readers insist on more orthogonality than float32 headers keep
    rows = rows - (rows @ columns) * columns
    rows = rows / np.linalg.norm(rows)
    orientation = tuple(_exact(v) for v in (*columns, *rows))
    pixel_spacing = (decimal(spacing[1]), decimal(spacing[0]))
    planes = []
    for s in range(count):
        x, y, z = (affine @ (0, 0, s, 1))[:3]
        position = (_exact(x), _exact(y), _exact(z))
        planes.append(Plane(position, orientation, pixel_spacing, decimal(spacing[2])))
    return tuple(planes)


def _exact(value: float) -> str:
    """As many digits as a decimal string of 16 characters holds; never minus zero."""
    return str(format_number_as_ds(float(value) + 0.0))
