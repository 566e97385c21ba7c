"""Slices of an image as gray pictures in the frame of a study."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.quality.display import SOFT_TISSUE, Window, windows_of
from SynthCore.quality.report_pictures import body_of
from SynthCore.readers.frames import SAME, Field, Frame, place_in, shape_of, stack_of
from SynthCore.readers.table import Entry, Point

Gray = npt.NDArray[np.uint8]

NOTICE = (
    "Some images of this reader study are SYNTHETIC: computed, not acquired. Research software, "
    "not cleared for clinical use."
)
"""On the page, in the folder, and the same in every picture, real or synthetic."""

_FWHM = 2.3548
"""Of a Gaussian in standard deviations."""


@dataclass(frozen=True)
class Place:
    """Where something lies in the pictures: slice, row and column, counted from 0."""

    slice: int
    row: float
    column: float


def read_entry(entry: Entry, table_name: str) -> Image:
    """Read the image of a line.

    Raises
    ------
    InputError
        With the line; also if it is called real and is marked as synthetic.
    """
    where = f"Line {entry.row} of {table_name}"
    try:
        image = read(entry.image, modality=entry.role)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    if entry.truth == "real" and image.synthetic:
        raise InputError(f"{where} says real, and the image is marked as synthetic; correct it.")
    return image


def window_for(image: Image, given: tuple[float, float] | None) -> Window:
    """The window of an image.

    The table's; else soft tissue (L 40 W 400) for HU; else, for units that mean nothing by
    themselves, what `SynthCore.quality.display.windows_of` says: the same rule for every image.
    """
    if given is not None:
        return Window(*given, f"{given[0]:g} to {given[1]:g}")
    if image.unit == "HU":
        return SOFT_TISSUE
    return windows_of(image, body_of(image))[0]


def gray_slices(
    image: Image,
    frame: Frame,
    window: Window,
    center: Point | None,
    field: Field | None = None,
) -> Gray:
    """Cut, scale and window an image.

    Slices are the nearest ones, never mixtures. Within a slice, pixels are interpolated linearly
    after a Gaussian that brings them to the width of the frame's, or taken as they are where the
    frame has their size. Beyond the image, and beyond `field`, is black.

    Returns
    -------
    numpy.ndarray of uint8
        Shape ``frame.counts``.
    """
    stack = stack_of(image, frame.plane)
    steps, starts = _sampling(image, frame, center)
    out = np.zeros(frame.counts, dtype=np.uint8)
    for n in range(frame.counts[0]):
        at = round(starts[0] + n * steps[0])
        if 0 <= at < len(stack):
            out[n] = _gray(_sampled(stack[at], steps[1:], starts[1:], frame, window), window)
    return out if field is None else np.where(_within(field, frame), out, np.uint8(0))


def place_of(image: Image, frame: Frame, center: Point | None, point: Point) -> Place | None:
    """Where a point (LPS mm) is shown; nothing if it is not."""
    steps, starts = _sampling(image, frame, center)
    found = [
        (at - start) / step
        for at, start, step in zip(place_in(image, frame.plane, point), starts, steps, strict=True)
    ]
    inside = all(-0.5 <= v <= n - 0.5 for v, n in zip(found, frame.counts, strict=True))
    last = frame.counts[0] - 1
    return Place(min(max(round(found[0]), 0), last), *found[1:]) if inside else None


def _within(field: Field, frame: Frame) -> npt.NDArray[np.bool_]:
    """Which pixels of the frame lie wholly within a field."""
    sizes = (frame.slice_mm, frame.pixel_mm, frame.pixel_mm)
    near = [
        np.abs(np.arange(n) - (n - 1) / 2) + 0.5 <= wide / (2 * size) + SAME
        for n, size, wide in zip(frame.counts, sizes, field, strict=True)
    ]
    return np.asarray(near[0][:, None, None] & near[1][:, None] & near[2])


def png(picture: Gray) -> bytes:
    """A PNG that says, whatever it shows, that it may be synthetic."""
    said = PngInfo()
    said.add_text("Comment", NOTICE)
    buffer = io.BytesIO()
    Picture.fromarray(picture).save(buffer, "PNG", pnginfo=said, compress_level=9)
    return buffer.getvalue()


def _sampling(
    image: Image, frame: Frame, center: Point | None
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Step and start of the frame's slices, rows and columns, in the stack's own."""
    shape = shape_of(image, frame.plane)
    sizes = (frame.slice_mm, frame.pixel_mm, frame.pixel_mm)
    middle = (
        tuple((n - 1) / 2 for n in shape.counts)
        if center is None
        else place_in(image, frame.plane, center)
    )
    steps, starts = [], []
    for size, own, at, count in zip(sizes, shape.spacing, middle, frame.counts, strict=True):
        step = size / own
        alike = abs(step - 1) < SAME
        step = 1.0 if alike else step
        start = at - step * (count - 1) / 2
        if alike:  # no half pixel: interpolation would smooth this image alone
            start = float(np.floor(start + 0.5))
        steps.append(step)
        starts.append(start)
    return tuple(steps), tuple(starts)


def _sampled(
    picture: npt.NDArray[Any],
    steps: tuple[float, ...],
    starts: tuple[float, ...],
    frame: Frame,
    window: Window,
) -> npt.NDArray[np.float32]:
    values = np.nan_to_num(picture.astype(np.float32), nan=window.low)
    # the width of a pixel grows in quadrature with that of the Gaussian
    blur = [np.sqrt(max(step * step - 1, 0.0)) / _FWHM for step in steps]
    if max(blur) > 0:
        values = ndimage.gaussian_filter(values, blur)
    return np.asarray(
        ndimage.affine_transform(
            values, steps, starts, frame.counts[1:], order=1, mode="constant", cval=window.low
        ),
        dtype=np.float32,
    )


def _gray(values: npt.NDArray[np.float32], window: Window) -> Gray:
    share = (values - window.low) / (window.high - window.low)
    return np.asarray(np.clip(share, 0, 1) * 255 + 0.5, dtype=np.uint8)
