"""One generated scan of a head and its CT: what is drawn, and what is made of it.

Acquisitions: volumes of 1 to 1.5 mm; slices of 2.5 to 6.5 mm with gaps, axial, or sagittal or
coronal and then seen by the network as axial planes that are blurred along one of their axes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.physics.generator.person import Person, apply_person, draw_person
from SynthCore.physics.generator.resolution import Resolution, slice_matrices
from SynthCore.physics.generator.scan import Options, Scan, apply_scan, draw_scan
from SynthCore.physics.generator.window import Window

ROLE_SHARES = {"T1": 0.36, "T1c": 0.36, "T2": 0.28}

WIDE_SPACES = 0.5
"""Share of people with more fluid around the brain than their label map has, which is of adults in
good health."""

FINE_MM = 1.25
"""Thick slices are averaged from steps of about this."""

PLANE_MM = 1.0


@dataclass(frozen=True)
class Acquisition:
    """Slices of a scan.

    Attributes
    ----------
    axis : int
        Along which thick slices follow each other: 0 axial, 1 coronal, 2 sagittal.
    thickness, distance : float
        Of slices, mm; both are the grid's where a volume is acquired.
    steps : int
        Grid steps between axial slices; 1 where they are the grid's.
    """

    axis: int
    thickness: float
    distance: float
    steps: int

    @property
    def step_mm(self) -> float:
        """Grid spacing along k."""
        return self.distance / self.steps if self.axis == 0 else PLANE_MM

    @property
    def slice_mm(self) -> float:
        """Distance of the axial slices that the network sees."""
        return self.distance if self.axis == 0 else PLANE_MM


def draw_acquisition(rng: np.random.Generator) -> Acquisition:
    """Volumes in 4 of 10, axial slices in as many, the rest sagittal or coronal."""
    kind = rng.random()
    if kind < 0.4:
        distance = float(rng.uniform(1.0, 1.6))
        return Acquisition(0, distance, distance, 1)
    thickness = float(rng.uniform(2.5, 6.5))
    distance = thickness * (1 + float(rng.choice([0.0, 0.1, 0.2, 0.3])))
    if kind < 0.8:
        return Acquisition(0, thickness, distance, max(1, round(distance / FINE_MM)))
    return Acquisition(1 if rng.random() < 0.4 else 2, thickness, distance, 1)


@dataclass(frozen=True)
class Study:
    """Everything drawn for one scan and its CT."""

    person: Person
    scan: Scan
    acquisition: Acquisition


def draw_study(
    rng: np.random.Generator,
    role: str | None = None,
    acquisition: Acquisition | None = None,
    spread: float | None = None,
    spaces: float = WIDE_SPACES,
) -> Study:
    """Draw a person, a scan of a role, and its slices.

    `spread` of tissue values is 1 as between people, 2 for half of those to learn from; `spaces` is
    the share of people with wide fluid spaces.
    """
    wide = float(rng.choice([1.0, 2.0]))
    person = draw_person(rng, healthy=0.6, spread=spread or wide, wide_spaces=spaces)
    roles = list(ROLE_SHARES)
    drawn_role = roles[int(rng.choice(len(roles), p=list(ROLE_SHARES.values())))]
    taken = acquisition or draw_acquisition(rng)
    scan = draw_scan(rng, role or drawn_role, person.field_t, Options())
    volume = taken.axis == 0 and taken.steps == 1
    if scan.resolution is not None:
        scan = replace(
            scan,
            resolution=Resolution(
                taken.axis,
                taken.thickness,
                taken.step_mm if volume else taken.distance,
                0.0,
                scan.resolution.pixel,
                scan.resolution.taper,
            ),
        )
    return Study(person, scan, taken)


def make_study(
    study: Study, anatomy: Anatomy, center: tuple[float, float, float], slices: int, side: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Make axial slices of a study.

    Parameters
    ----------
    study : Study
        As drawn.
    anatomy : Anatomy
        The head.
    center : tuple of float
        Voxel (k, j, i) of the label map.
    slices, side : int
        How many slices, and pixels (`PLANE_MM`) along their sides.

    Returns
    -------
    tuple of Tensor
        MR, CT (HU) and body, [slices, side, side].
    """
    return make_box(study, anatomy, center, slices, (side, side))


def make_box(
    study: Study,
    anatomy: Anatomy,
    center: tuple[float, float, float],
    slices: int,
    sides: tuple[int, int],
    plane_mm: float = PLANE_MM,
) -> tuple[Tensor, Tensor, Tensor]:
    """As `make_study`, with slices of any shape and pixel."""
    taken = study.acquisition
    count = (slices - 1) * taken.steps + 1
    window = Window(center, (count, *sides), (taken.step_mm, plane_mm, plane_mm))
    maps = apply_person(study.person, anatomy, window)
    mr = apply_scan(study.scan, maps)
    hu, body = maps.hu, maps.body
    resolution = study.scan.resolution
    if resolution is not None:
        hu = _thick(hu, resolution, window.spacing)
    pick = slice(None, None, taken.steps)
    return mr[pick], hu[pick], body[pick]


def _thick(volume: Tensor, resolution: Resolution, spacing: tuple[float, float, float]) -> Tensor:
    """The volume as slices of a scan show it, on its own grid."""
    axis = resolution.axis
    matrices = slice_matrices(resolution, volume.shape[axis], spacing[axis], volume.device)
    if matrices is None:
        return volume
    forth, back = matrices
    moved = volume.movedim(axis, 0)
    flat = back @ (forth @ moved.reshape(moved.shape[0], -1))
    return flat.reshape(moved.shape).movedim(0, axis)


def draw_center(
    rng: np.random.Generator, anatomy: Anatomy, at_bone: float
) -> tuple[float, float, float]:
    """Voxel of the label map for the middle of a slab: near the skull, or anywhere in the head."""
    middle = [c + o for c, o in zip(anatomy.center, anatomy.origin, strict=True)]
    if rng.random() < at_bone:
        # around the skull: over all angles, 65 mm from the middle of the cerebrum
        angle = rng.uniform(0, 2 * np.pi)
        up = rng.uniform(-75, 62)
        return (
            middle[0] + up,
            middle[1] + 45 * float(np.sin(angle)) - 5,
            middle[2] + 40 * float(np.cos(angle)),
        )
    low = anatomy.origin[0] + 15.0
    return (
        float(rng.uniform(low, middle[0] + 60)),
        middle[1] + float(rng.uniform(-60, 50)),
        middle[2] + float(rng.uniform(-45, 45)),
    )
