"""The grid that all images of a person lie on: the whole head, found by a coarse look at it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from SynthCore.image import Affine, make_affine
from SynthCore.people.heads import Head
from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.physics.generator.deformation import matrix
from SynthCore.physics.generator.labels import CODES
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.person import Person, apply_person
from SynthCore.physics.generator.window import Window

Triple = tuple[float, float, float]

COARSE_MM = 3.0
"""Voxel of the coarse look."""

AIR_MM = 9.0
"""Kept around the head where the label map does not end before."""

_FINE_MM = 1.2
"""Slices farther apart are averaged over finer ones."""

_THIN_MM = 1.5
_CUT = 0.01
"""Share of a side of the label map that is body where the map ends before the head does."""


@dataclass(frozen=True)
class Grid:
    """Where a person is made, and which of it the images keep.

    Attributes
    ----------
    center : tuple of float
        Voxel (k, j, i) of the label map in the middle.
    shape : tuple of int
        Voxels that are made, along (k, j, i).
    spacing : tuple of float
        Of those, mm.
    every : int
        Odd; so many of them along k are one slice of the images.
    """

    center: Triple
    shape: tuple[int, int, int]
    spacing: Triple
    every: int

    @property
    def slices_mm(self) -> float:
        """Distance of the images' slices."""
        return self.spacing[0] * self.every

    @property
    def affine(self) -> Affine:
        """Of the images: indices (i, j, k, 1) to LPS mm, 0 in the middle."""
        count, rows, columns = self.shape[0] // self.every, *self.shape[1:]
        steps = self.spacing[2], self.spacing[1], round(self.slices_mm, 6)
        first = [-(n - 1) / 2 * step for n, step in zip((columns, rows, count), steps, strict=True)]
        return make_affine(steps, (first[0], first[1], first[2]))


def steps_of(spacing_mm: float, slices_mm: float | None) -> tuple[Triple, int]:
    """Voxel that is made (k, j, i) and how many of it are one slice of the images, an odd number.

    Slices of up to 1.5 mm are made as they are.
    """
    slices = slices_mm or spacing_mm
    if slices_mm is None or slices <= _THIN_MM:
        return (slices, spacing_mm, spacing_mm), 1
    every = 2 * math.ceil((slices / _FINE_MM - 1) / 2) + 1
    return (slices / every, spacing_mm, spacing_mm), every


def look(person: Person, anatomy: Anatomy) -> tuple[TissueMaps, Triple]:
    """A person coarsely, with room around, and the label map's voxel (k, j, i) in the middle."""
    middle = [o + (n - 1) / 2 for o, n in zip(anatomy.origin, anatomy.shape, strict=True)]
    center = (middle[0], middle[1], middle[2])
    k, j, i = (math.ceil((1.35 * mm + 60) / COARSE_MM) for mm in anatomy.extent_mm)
    window = Window(center, (k, j, i), (COARSE_MM, COARSE_MM, COARSE_MM))
    return apply_person(person, anatomy, window), center


def find_grid(
    person: Person, head: Head, seen: tuple[TissueMaps, Triple], steps: Triple, every: int
) -> Grid:
    """A grid around the whole head.

    Where the label map ends before the body does, as at the neck, the grid ends there too.

    Parameters
    ----------
    person : Person
        Drawn.
    head : Head
        What it is drawn on.
    seen : tuple
        From `look`.
    steps : tuple of float
        Voxel (k, j, i), mm.
    every : int
        See `Grid`.
    """
    maps, center = seen
    anatomy = head.anatomy
    body = maps.body.numpy()
    places = [(np.arange(n) - (n - 1) / 2) * COARSE_MM for n in body.shape]
    ends = _ends(person, head, center)
    keep = np.ones(body.shape, dtype=bool)
    for axis, (low, high) in enumerate(ends):
        inside = (places[axis] >= low) & (places[axis] <= high)
        keep &= inside.reshape([-1 if a == axis else 1 for a in range(3)])
    body = body & keep
    middle, shape = [], []
    for axis in range(3):
        hits = places[axis][body.any(axis=tuple(a for a in range(3) if a != axis))]
        low = max(float(hits[0]) - AIR_MM, ends[axis][0])
        high = min(float(hits[-1]) + AIR_MM, ends[axis][1])
        step = steps[axis] * (every if axis == 0 else 1)
        count = max(2, math.ceil((high - low) / step)) * (every if axis == 0 else 1)
        shape.append(count)
        middle.append(center[axis] + (low + high) / 2 / anatomy.spacing[axis])
    return Grid((middle[0], middle[1], middle[2]), (shape[0], shape[1], shape[2]), steps, every)


def _ends(person: Person, head: Head, center: Triple) -> list[tuple[float, float]]:
    """Along each axis, mm from the look's middle: where the label map cuts the body off."""
    anatomy = head.anatomy
    linear = np.linalg.inv(matrix(person.deformation))
    spacing = np.asarray(anatomy.spacing)
    brain = np.asarray(anatomy.center) * spacing
    offset = (
        np.asarray(center) - np.asarray(anatomy.origin) - np.asarray(anatomy.center)
    ) * spacing
    solid = (anatomy.codes != CODES["air"]).numpy()
    ends = []
    for axis in range(3):
        pair = []
        first = head.floor if axis == 0 else 0
        for side, beyond in ((first, -np.inf), (anatomy.shape[axis] - 1, np.inf)):
            face = np.take(solid, side, axis=axis)
            if face.mean() < _CUT:
                pair.append(float(beyond))
                continue
            point = _point(face, axis, side) * spacing
            away = linear @ (point - brain - np.asarray(person.deformation.shift_mm))
            pair.append(float((away - offset)[axis]))
        ends.append((pair[0], pair[1]))
    return ends


def _point(face: npt.NDArray[np.bool_], axis: int, side: int) -> npt.NDArray[np.float64]:
    """Middle of what is body in one side of the label map, voxel (k, j, i)."""
    first, second = np.argwhere(face).mean(axis=0)
    return np.insert(np.array([first, second], dtype=np.float64), axis, side)
