"""A mask on the grid of the image it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage

from SynthCore.axes import in_order_of
from SynthCore.dicom.guard import guarded
from SynthCore.dicom.seg.read import is_seg, read_seg
from SynthCore.errors import InputError
from SynthCore.files.formats import kind_of_file, read_volume_file
from SynthCore.image import Affine, Array, Image

_ROUNDING = 1e-3
_MOST_LABELS = 1000
_SAME_GRID_MM = 1e-2


RESAMPLED = "The mask was resampled to the image's grid by nearest neighbor."


def read_mask_of(path: str | Path, images: Sequence[Image]) -> Image:
    """Read a mask on the grid of that image, of several, that it was drawn on.

    By way of another's grid it would come back with other borders. Where it is on none of their
    grids it comes on that of the first that it can be laid on.

    Raises
    ------
    InputError
        As `read_mask` with the first image.
    """
    found: list[Image] = []
    troubles: list[InputError] = []
    for image in images:
        try:
            found.append(read_mask(path, image))
        except InputError as error:
            troubles.append(error)
        else:
            if RESAMPLED not in found[-1].notes:
                return found[-1]
    if not found:
        raise troubles[0]
    return found[0]


def read_mask(path: str | Path, like: Image) -> Image:
    """Read a mask and put it on the grid of `like`, by nearest neighbor where the grids differ.

    Parameters
    ----------
    path : str or Path
        NIfTI, NRRD, MetaImage or MGH file of whole numbers, or a DICOM Segmentation; every label
        but 0 is inside.
    like : Image
        The image the mask belongs to.

    Returns
    -------
    Image
        Boolean voxels on the grid of `like`; `Image.notes` says if it was resampled or cut.

    Raises
    ------
    InputError
        If the file cannot be read, is no mask, is empty, or lies outside the image.
    """
    return read_mask_and_lost(path, like)[0]


def read_mask_and_lost(path: str | Path, like: Image) -> tuple[Image, float]:
    """The same, and which share of the mask lies outside the image: not below 0, less than 1.

    Raises
    ------
    InputError
        As `read_mask`.
    """
    path = Path(path)
    with guarded(path.name, "cannot be read; check the path"):
        is_folder = path.is_dir()
        if not is_folder and not path.exists():
            raise InputError(f"The mask {path.name} is not there; check the path.")
    if is_folder or ((kind := kind_of_file(path)) == "dicom" and not is_seg(path)):
        raise InputError(
            f"The mask {path.name} is DICOM and no segmentation object; give a SEG file, or "
            "convert the structure set to NIfTI."
        )
    found = _segmentation(path, like) if kind == "dicom" else read_volume_file(path, kind)
    found = in_order_of(found, like) or found
    inside, notes = _binary(found.voxels, path.name)
    notes = (*(f"mask: {note}" for note in found.notes), *notes)
    if found.same_grid(like, tolerance_mm=_SAME_GRID_MM):
        return _mask(inside, like, found, notes), 0.0
    place = np.linalg.inv(found.affine) @ like.affine
    moved = _nearest(inside, place, like.shape)
    lost = _part_outside(inside, np.linalg.inv(like.affine) @ found.affine, like.shape)
    if lost == 1.0:
        raise InputError(
            f"The mask {path.name} lies outside the image; give the mask drawn on this image."
        )
    if not moved.any():
        raise InputError(
            f"The mask {path.name} is too small for the image's voxels: none of them lies in it; "
            "give a larger one."
        )
    notes = (*notes, RESAMPLED)
    if lost > 0:
        notes = (*notes, f"{lost:.0%} of the mask lie outside the image and were left out.")
    return _mask(moved, like, found, notes), lost


def _mask(inside: Array, like: Image, found: Image, notes: tuple[str, ...]) -> Image:
    return Image(
        inside, like.affine, source=found.source, notes=notes, synthetic=found.synthetic
    )  # fmt: skip


def _segmentation(path: Path, like: Image) -> Image:
    """The labels on the grid they were drawn on: that of `like`, or another."""
    try:
        return read_seg(path, like=like).labels
    except InputError:
        return read_seg(path).labels  # says what is wrong with the file, if that is it


def _binary(voxels: Array, name: str) -> tuple[Array, tuple[str, ...]]:
    if voxels.dtype.kind == "f":
        whole = np.rint(voxels)  # a slope of the header may leave labels off by rounding
        if not np.allclose(voxels, whole, rtol=0, atol=_ROUNDING):
            raise InputError(
                f"{name} holds fractions and is not a mask; give a file of whole numbers."
            )
        voxels = whole
    if voxels.min() < 0:
        raise InputError(f"{name} holds negative numbers and is not a mask; give labels from 0 up.")
    inside = np.asarray(voxels != 0)
    if not inside.any():
        raise InputError(f"The mask {name} is empty; draw at least one voxel.")
    labels = int(np.unique(voxels[inside]).size)
    if labels > _MOST_LABELS:
        raise InputError(f"{name} holds {labels} different numbers and is not a mask; give labels.")
    if labels > 1:
        return inside, (f"The {labels} labels of the mask were taken together.",)
    return inside, ()


def _nearest(inside: Array, place: Affine, shape: tuple[int, int, int]) -> Array:
    """`inside` at the voxels of a grid; `place` maps its indices (i, j, k) to those of `inside`."""
    turned = place[:3, :3][::-1, ::-1]  # scipy counts (k, j, i)
    moved = ndimage.affine_transform(
        inside.astype(np.uint8),
        turned,
        place[:3, 3][::-1],
        output_shape=shape,
        order=0,
        mode="grid-constant",
    )
    return np.asarray(moved, dtype=bool)


def _part_outside(inside: Array, place: Affine, shape: tuple[int, int, int]) -> float:
    """How much of the mask has its voxel centers outside the grid `place` maps to."""
    index = np.argwhere(inside)[:, ::-1]
    there = index @ place[:3, :3].T + place[:3, 3]
    ends = np.array(shape[::-1]) - 0.5
    return 1.0 - float(np.mean(np.all((there >= -0.5) & (there <= ends), axis=1)))
