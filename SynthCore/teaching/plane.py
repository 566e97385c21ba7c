"""One way to cut a volume: which slices, how they lie on the page, where a point falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.image import Array, Image
from SynthCore.quality.orientation import (
    LETTERS,
    PLANES,
    Axes,
    PlaneName,
    axes_of,
    cut,
    pixel_size,
)
from SynthCore.teaching.case import Point

Mask = npt.NDArray[np.bool_]

MARGIN_MM = 8.0
"""Around the body, so that marks and letters do not cover it."""

_SIDES: dict[PlaneName, tuple[int, str, str]] = {
    "axial": (2, "I", "S"), "coronal": (1, "A", "P"), "sagittal": (0, "R", "L"),
}  # fmt: skip
"""Patient axis across a plane, and the letters of its negative and positive side (LPS)."""


@dataclass(frozen=True)
class Cut:
    """How a volume is cut and cropped.

    Attributes
    ----------
    image : Image
        The volume.
    axes : Axes
        How its array is turned.
    plane : {'axial', 'coronal', 'sagittal'}
    rows, columns : slice
        Part of every slice that is shown.
    """

    image: Image
    axes: Axes
    plane: PlaneName
    rows: slice
    columns: slice

    @property
    def count(self) -> int:
        """Slices of the volume in this plane."""
        return self._turned_shape[PLANES.index(self.plane)]

    @property
    def letters(self) -> tuple[str, str, str, str]:
        """What lies at the left, right, top and bottom."""
        return LETTERS[self.plane]

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of a picture in millimeters."""
        height, width = pixel_size(self.axes, self.plane)
        rows, columns = self.rows.stop - self.rows.start, self.columns.stop - self.columns.start
        return columns * width, rows * height

    @property
    def step_mm(self) -> float:
        """Distance between slices."""
        return self.axes.spacing[PLANES.index(self.plane)]

    def take(self, turned: Array, index: int) -> Array:
        """The shown part of slice `index` of an array turned by `axes`."""
        return cut(turned, self.plane, index)[self.rows, self.columns]

    def locate(self, point: Point) -> tuple[float, float, float]:
        """Where a point falls.

        Parameters
        ----------
        point : tuple of float
            LPS millimeters.

        Returns
        -------
        tuple of float
            Slice index, then the way across and down the picture as fractions of it.

        Raises
        ------
        InputError
            If it lies outside what is shown.
        """
        index = np.linalg.solve(self.image.affine, (*point, 1.0))[:3][::-1]  # k, j, i
        shape = self._turned_shape
        turned = [float(index[axis]) for axis in self.axes.order]
        turned = [
            shape[a] - 1 - v if flip else v
            for a, (v, flip) in enumerate(zip(turned, self.axes.flipped, strict=True))
        ]
        z, y, x = turned
        up = shape[0] - 1 - z
        across = {"axial": (z, y, x), "coronal": (y, up, x), "sagittal": (x, up, y)}[self.plane]
        number, row, column = across
        down = (row - self.rows.start + 0.5) / (self.rows.stop - self.rows.start)
        right = (column - self.columns.start + 0.5) / (self.columns.stop - self.columns.start)
        if not -0.5 <= number <= self.count - 0.5 or not 0 <= down <= 1 or not 0 <= right <= 1:
            raise InputError("The point lies outside the images")
        return number, right, down

    def place(self, index: int) -> float:
        """Millimeters of a slice's center along the patient axis across the plane (LPS)."""
        row = (self.rows.start + self.rows.stop - 1) / 2
        column = (self.columns.start + self.columns.stop - 1) / 2
        shape = self._turned_shape
        down = shape[0] - 1 - row
        turned = {
            "axial": (index, row, column),
            "coronal": (down, index, column),
            "sagittal": (down, column, index),
        }[self.plane]
        voxel = np.zeros(3)
        for axis, (value, flip) in enumerate(zip(turned, self.axes.flipped, strict=True)):
            at = self.axes.order[axis]
            voxel[at] = shape[axis] - 1 - value if flip else value
        k, j, i = voxel
        point = self.image.affine @ (i, j, k, 1.0)
        return float(point[_SIDES[self.plane][0]])

    def place_text(self, index: int) -> str:
        """The same as a person reads it: ``S 34 mm``."""
        _, negative, positive = _SIDES[self.plane]
        at = self.place(index)
        return f"{positive if at >= 0 else negative} {abs(at):.0f} mm"

    @property
    def _turned_shape(self) -> tuple[int, int, int]:
        a, b, c = (self.image.shape[axis] for axis in self.axes.order)
        return a, b, c


def cut_of(image: Image, plane: PlaneName, body: Mask) -> Cut:
    """Cut a volume and crop the slices to a body and a margin.

    Parameters
    ----------
    image : Image
    plane : {'axial', 'coronal', 'sagittal'}
    body : numpy.ndarray of bool
        On the image's grid; all of the slice is shown where it is empty.
    """
    axes = axes_of(image.affine)
    turned = axes.turn(body)
    across = PLANES.index(plane)
    # what lies in any slice, as the slices are drawn
    flat = cut(np.expand_dims(np.asarray(turned.any(axis=across)), across), plane, 0)
    rows, columns = (np.asarray(flat.any(axis=axis)) for axis in (1, 0))
    height, width = pixel_size(axes, plane)
    return Cut(image, axes, plane, _span(rows, height), _span(columns, width))


def spread(cut: Cut, body: Mask, most: int, always: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Slices through a body at even distances, at most `most`, and those that must be there.

    They begin where most of those fall among them, and of the others each takes the place of its
    neighbor: a slice beside even ones would say where the finding is. One is hidden so; of several
    that are no whole number of steps apart, the steps between tell.
    """
    across = tuple(a for a in range(3) if a != PLANES.index(cut.plane))
    filled = np.flatnonzero(cut.axes.turn(body).any(axis=across))
    first, last = (int(filled[0]), int(filled[-1])) if filled.size else (0, cut.count - 1)
    first, last = min((first, *always)), max((last, *always))
    step = max(1, -(-(last - first + 1) // most))
    begin = max(
        range(first, first + step), key=lambda n: (sum((one - n) % step == 0 for one in always), -n)
    )
    even = set(range(begin, last + 1, step))
    for one in sorted(set(always) - even):
        even.discard(min(even - set(always), key=lambda n: abs(n - one), default=one))
        even.add(one)
    return tuple(sorted(even))


def _span(filled: npt.NDArray[np.bool_], size_mm: float) -> slice:
    """From the first to the last that is filled, with the margin."""
    found = np.flatnonzero(filled)
    if not found.size:
        return slice(0, filled.size)
    margin = round(MARGIN_MM / size_mm)
    return slice(max(0, int(found[0]) - margin), min(filled.size, int(found[-1]) + 1 + margin))
