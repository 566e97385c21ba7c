"""A DICOM Segmentation as a label image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import SegmentationStorage

from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.guard import MAX_VOXELS, guarded, quiet
from SynthCore.dicom.record_tags import synthetic_of
from SynthCore.dicom.scan import is_of_class
from SynthCore.dicom.texts import value_text
from SynthCore.errors import InputError
from SynthCore.image import Image, Source

_CLASSES = (SegmentationStorage, "1.2.840.10008.5.1.4.1.1.66.7")
"""The second is Label Map Segmentation Storage, which older tables of UIDs do not name."""

_NEAR = 0.1
"""How far, in voxels, a voxel of the mask may lie from one of the grid it is put on."""


@dataclass(frozen=True)
class ReadSegment:
    """A segment that was read: its number (the value in the image) and what it says it is."""

    number: int
    label: str
    type_meaning: str
    tracking_uid: str = ""


@dataclass(frozen=True)
class ReadSeg:
    """Labels [k, j, i] as uint8, the segments in them, and the series they were drawn on."""

    labels: Image
    segments: tuple[ReadSegment, ...]
    series_uid: str = ""


def is_seg(path: Path) -> bool:
    """Whether the file is a DICOM Segmentation; False for whatever cannot be read."""
    return is_of_class(path, *_CLASSES)


def algorithm_of(path: Path) -> tuple[str, str]:
    """Segment Algorithm Type and Name of a segmentation's first segment that is not manual.

    ``("MANUAL", "")`` where all of them are, or say nothing.
    """
    for one in read_file(path, stop_before_pixels=True).SegmentSequence:
        kind = str(one.get("SegmentAlgorithmType") or "")
        name = str(one.get("SegmentAlgorithmName") or "")
        if kind in ("AUTOMATIC", "SEMIAUTOMATIC") and name:
            return kind, name
    return "MANUAL", ""


@quiet()
def read_seg(path: Path, *, like: Image | None = None) -> ReadSeg:
    """Read a binary segmentation or label map of one regular grid.

    A fractional one is read as well, if it holds 0 and 1 alone.

    Parameters
    ----------
    path : Path
        The file.
    like : Image, optional
        The image the mask belongs to: the labels come on its grid. By default they come on the
        smallest grid of whole planes that holds them.

    Raises
    ------
    InputError
        If the file is no segmentation, is too large, holds probabilities or segments that overlap,
        is not on one regular grid, or not on the grid of `like`.
    """
    from highdicom.seg import segread

    with guarded(path.name, "cannot be read as a DICOM segmentation"):
        header = read_file(path, stop_before_pixels=True)
        if header.get("SOPClassUID") not in _CLASSES:
            raise InputError(f"{path.name} is no DICOM segmentation; give a SEG object.")
        _refuse_large(header, path.name)
        made = segread(path)
        volume = _volume(made, path.name)
    voxels = np.asarray(volume.array)
    # highdicom counts (slice, row, column) in its affine, too
    affine = np.asarray(volume.affine)[:, [2, 1, 0, 3]]
    series = _series_uid(header)
    labels = Image(
        voxels.astype(np.uint8),
        affine,
        source=Source("dicom", str(path), series),
        synthetic=synthetic_of(header),
    )
    if like is not None:
        labels = _on_grid(labels, like, path.name)
    segments = [_segment(item) for item in made.SegmentSequence]
    # a label map may describe its background, too
    return ReadSeg(labels, tuple(one for one in segments if one.number > 0), series)


def _refuse_large(header: Dataset, name: str) -> None:
    count = 1
    for keyword in ("Rows", "Columns", "NumberOfFrames"):
        count *= max(int(header.get(keyword) or 1), 1)
    if count > MAX_VOXELS:
        raise InputError(f"{name} says it holds {count} voxels, which is taken for damage.")


def _volume(made: Any, name: str) -> Any:
    if max(int(item.SegmentNumber) for item in made.SegmentSequence) > 255:
        raise InputError(f"{name} holds segments of numbers above 255; give one with fewer.")
    try:
        volume = made.get_volume(combine_segments=True, dtype=np.uint8)
    except RuntimeError as error:  # what highdicom raises for overlaps and irregular planes
        raise InputError(
            f"The segments of {name} overlap or do not lie on one regular grid; export each "
            "segment to a file of its own."
        ) from error
    except ValueError as error:
        if made.SegmentationType != "FRACTIONAL":
            raise
        raise InputError(
            f"{name} is a fractional segmentation: its voxels hold probabilities, not a mask; "
            "export a binary one."
        ) from error
    if int(np.prod(volume.spatial_shape)) > MAX_VOXELS:
        raise InputError(f"The planes of {name} lie too far apart to be one mask.")
    return volume


def _on_grid(labels: Image, like: Image, name: str) -> Image:
    index = np.argwhere(labels.voxels)[:, ::-1]
    place = np.linalg.inv(like.affine) @ labels.affine
    there = index @ place[:3, :3].T + place[:3, 3]
    near = np.rint(there).astype(int)
    inside = np.all((near >= 0) & (near < like.shape[::-1]), axis=1)
    whole = np.abs(np.rint(place[:3, :3]))  # of one voxel along one axis each, not every fourth
    steps = np.abs(np.abs(place[:3, :3]) - whole)
    same = (whole.sum(axis=0) == 1).all() and (whole.sum(axis=1) == 1).all()
    off = np.abs(there - near).max(initial=0) > _NEAR or steps.max() > _NEAR
    if off or not same or not inside.all():
        raise InputError(
            f"{name} does not lie on the grid of the image; give the segmentation of this series."
        )
    voxels = np.zeros(like.shape, np.uint8)
    voxels[near[:, 2], near[:, 1], near[:, 0]] = labels.voxels[tuple(index[:, ::-1].T)]
    return replace(labels, voxels=voxels, affine=like.affine)


def _segment(item: Dataset) -> ReadSegment:
    types = item.get("SegmentedPropertyTypeCodeSequence") or [Dataset()]
    return ReadSegment(
        int(item.SegmentNumber),
        value_text(item.get("SegmentLabel")),
        value_text(types[0].get("CodeMeaning")),
        value_text(item.get("TrackingUID")),
    )


def _series_uid(header: Dataset) -> str:
    items = header.get("ReferencedSeriesSequence") or [Dataset()]
    return value_text(items[0].get("SeriesInstanceUID"))
