"""Which source object each slice of an image comes from, and the plane it states for it.

A source is an `Image` read from DICOM: one header a slice, or one header of an enhanced
multi-frame object for all. A slice of the result is *on the source's grid* where rows, columns,
position, orientation and pixel spacing agree; then the plane's decimal strings are copied as the
source wrote them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.valuerep import format_number_as_ds

from SynthCore.dicom.legal import is_legal, read_element
from SynthCore.image import Affine, Image

ACROSS = 0.01
"""How far a slice may lie from its place on the grid, as a part of the slice spacing, and at least
0.02 mm: headers round positions."""

WITHIN = 0.05
"""The same in the plane, as a part of a pixel, at the last row and column."""


@dataclass(frozen=True)
class Plane:
    """Where one slice lies, as DICOM writes it: decimal strings or what pydicom read.

    `pixel_spacing` is between rows, then between columns, in millimeters.
    """

    position: tuple[Any, Any, Any]
    orientation: tuple[Any, ...]
    pixel_spacing: tuple[Any, Any]
    thickness: Any = None


@dataclass(frozen=True)
class SourceSlice:
    """One slice of a source: its header, frame numbers (from 1, multi-frame only) and plane."""

    header: Dataset
    frames: tuple[int, ...]
    plane: Plane


def match_slices(image: Image, source: Image) -> tuple[SourceSlice, ...] | None:
    """The source slice of every slice k of `image`; None where they are not on one grid."""
    candidates = [
        candidate
        for header in unique_headers(source)
        if (header.get("Rows"), header.get("Columns")) == image.shape[1:]
        for candidate in _planes(header)
        if _same_plane(candidate.plane, image)
    ]
    if not candidates:
        return None
    positions = np.array([[float(v) for v in c.plane.position] for c in candidates])
    matched = []
    for k in range(image.shape[0]):
        expected = (image.affine @ (0, 0, k, 1))[:3]
        near = [n for n, p in enumerate(positions) if _same_place(p - expected, image)]
        if not near:
            return None
        first = candidates[near[0]]
        same_object = [n for n in near if candidates[n].header is first.header]
        frames = tuple(f for n in same_object for f in candidates[n].frames)
        matched.append(SourceSlice(first.header, frames, first.plane))
    return tuple(matched)


def unique_headers(source: Image) -> tuple[Dataset, ...]:
    """The source's headers, each object once, in slice order."""
    headers = source.source.headers
    return tuple(
        {header.get("SOPInstanceUID") or id(header): header for header in headers}.values()
    )


def is_multiframe(header: Dataset) -> bool:
    """Whether the object holds its planes in functional groups."""
    return bool(header.get("PerFrameFunctionalGroupsSequence"))


def _planes(header: Dataset) -> Iterator[SourceSlice]:
    if not is_multiframe(header):
        plane = _read_plane(header, header, header)
        if plane is not None:
            yield SourceSlice(header, (), plane)
        return
    shared = (header.get("SharedFunctionalGroupsSequence") or [Dataset()])[0]
    for number, frame in enumerate(header.PerFrameFunctionalGroupsSequence, start=1):

        def group(keyword: str, frame: Dataset = frame) -> Dataset:
            return (frame.get(keyword) or shared.get(keyword) or [Dataset()])[0]

        plane = _read_plane(
            group("PlanePositionSequence"),
            group("PlaneOrientationSequence"),
            group("PixelMeasuresSequence"),
        )
        if plane is not None:
            yield SourceSlice(header, (number,), plane)


def _read_plane(position: Dataset, orientation: Dataset, measures: Dataset) -> Plane | None:
    ipp = _decimals(position, "ImagePositionPatient")
    iop = _decimals(orientation, "ImageOrientationPatient")
    spacing = _decimals(measures, "PixelSpacing")
    if (len(ipp), len(iop), len(spacing)) != (3, 6, 2):
        return None
    thickness = _decimals(measures, "SliceThickness")
    return Plane(
        (ipp[0], ipp[1], ipp[2]),
        iop,
        (spacing[0], spacing[1]),
        thickness[0] if thickness and float(thickness[0]) > 0 else None,
    )


def _decimals(header: Dataset, keyword: str) -> tuple[Any, ...]:
    """The decimal strings as written; one of more than 16 characters is written anew."""
    element = read_element(header, keyword)
    if element is None or element.is_empty:
        return ()
    values = element.value if isinstance(element.value, MultiValue) else [element.value]
    if not all(isfinite(float(value)) for value in values):
        return ()
    if is_legal(element):
        return tuple(values)
    return tuple(format_number_as_ds(float(value)) for value in values)


def _same_plane(plane: Plane, image: Image) -> bool:
    """Whether the last row and column lie where the image has them."""
    rows, columns = image.shape[1:]
    cosines = np.array([float(v) for v in plane.orientation])
    between_rows, between_columns = (float(v) for v in plane.pixel_spacing)
    # a single row or column has no extent, but its direction and spacing still count
    off_i = (cosines[:3] * between_columns - image.affine[:3, 0]) * max(columns - 1, 1)
    off_j = (cosines[3:] * between_rows - image.affine[:3, 1]) * max(rows - 1, 1)
    allowed = WITHIN * min(image.spacing[:2])
    return bool(np.linalg.norm(off_i) <= allowed and np.linalg.norm(off_j) <= allowed)


def _same_place(offset: Affine, image: Image) -> bool:
    si, sj, sk = image.spacing
    along_i, along_j = (float(offset @ image.direction[:, axis]) for axis in (0, 1))
    in_plane = along_i * image.direction[:, 0] + along_j * image.direction[:, 1]
    return (
        abs(along_i) <= WITHIN * si
        and abs(along_j) <= WITHIN * sj
        and float(np.linalg.norm(offset - in_plane)) <= min(max(0.02, ACROSS * sk), 0.25 * sk)
    )
