"""What is drawn for a person and their scans, apart from its application; goes to JSON and back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from SynthCore.errors import ComputationError
from SynthCore.people.grid import COARSE_MM, Grid, find_grid, look, steps_of
from SynthCore.people.heads import Head, Origin
from SynthCore.people.streams import CT_SCAN, LESION, PERSON, SCAN, stream
from SynthCore.people.wish import CT, IMAGES, NONE, RANDOM, STAGED, Wish
from SynthCore.physics.generator import VERSION
from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.physics.generator.ct_look import CtLook, draw_ct
from SynthCore.physics.generator.lesions import (
    KINDS,
    STAGES,
    Lesion,
    draw_lesions,
    lesions_of,
    stage_of,
)
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.person import Person, draw_person
from SynthCore.physics.generator.record import from_json, to_json
from SynthCore.physics.generator.resolution import Resolution
from SynthCore.physics.generator.scan import Options, Scan, draw_scan

TILT = 0.7
"""Of the deformation between people: heads lie straight in a scanner's coil, more or less."""

STRENGTH, CT_STRENGTH = 0.4, 0.5
"""Of a scanner's shortcomings, 1 as a training sees them: images of a good day."""

FARTHEST_MM = 4.0
"""Distance of slices that are brought onto a finer grid; across them more would show as streaks."""

KERNELS = ("soft", "standard")
"""Of CT; for a brain nobody takes the sharp ones."""

LEAST_ML = 0.5
"""What a coarse look must find of the lesions that were asked for, else they are drawn again."""

_TRIES = 25


@dataclass(frozen=True)
class Draws:
    """Everything that is random about a person and their images, and where they lie.

    Attributes
    ----------
    generator : int
        Version of the generator that these draws belong to.
    seed, number : int
        Of the folder, and of the person in it.
    origin : Origin
    person : Person
    scans : tuple of Scan
        MR, in the order they are written.
    ct : CtLook or None
    ct_last : int
        How many MR images are written before the CT.
    grid : Grid
    """

    generator: int
    seed: int
    number: int
    origin: Origin
    person: Person
    scans: tuple[Scan, ...]
    ct: CtLook | None
    ct_last: int
    grid: Grid

    @property
    def images(self) -> tuple[str, ...]:
        """Roles in the order they are written."""
        roles = [scan.role for scan in self.scans]
        if self.ct is not None:
            roles.insert(self.ct_last, CT)
        return tuple(roles)


def draw(wish: Wish, number: int, head: Head) -> Draws:
    """Draw a person and their scans.

    Who they are does not depend on which images are asked for, nor on the grid.

    Parameters
    ----------
    wish : Wish
        What is asked for.
    number : int
        Of the person, from 1.
    head : Head
        What they are drawn on.

    Raises
    ------
    ComputationError
        If the lesion finds no place in this anatomy.
    """
    person = draw_person(stream(wish.seed, number, PERSON), healthy=1.0, strength=TILT)
    person, seen = _with_lesions(person, wish, number, head.anatomy)
    steps, every = steps_of(wish.spacing_mm, wish.slices_mm)
    grid = find_grid(person, head, seen, steps, every)
    asked_mm = None if wish.slices_mm is None else grid.slices_mm
    scans = tuple(
        _scan(
            stream(wish.seed, number, SCAN, IMAGES.index(role)),
            role,
            person.field_t,
            grid,
            asked_mm,
        )
        for role in wish.images
        if role != CT
    )
    ct = _ct(stream(wish.seed, number, CT_SCAN), grid, asked_mm) if CT in wish.images else None
    last = wish.images.index(CT) if CT in wish.images else 0
    drawn = Draws(VERSION, wish.seed, number, head.origin, person, scans, ct, last, grid)
    # as they are read again: -1 and -1.0 are one number, but two texts, and so two hashes
    return from_json(Draws, to_json(drawn))


def _with_lesions(
    person: Person, wish: Wish, number: int, anatomy: Anatomy
) -> tuple[Person, tuple[TissueMaps, tuple[float, float, float]]]:
    """The person with what was asked for, and the coarse look that found it."""
    kind = wish.lesion_of(number)
    if kind == NONE:
        return person, look(person, anatomy)
    # of one age in four draws; those of others take no look
    stage = STAGED.get(kind, "")
    for attempt in range(_TRIES * len(STAGES) if stage else _TRIES):
        rng = stream(wish.seed, number, LESION, attempt)
        if kind == RANDOM:
            found = draw_lesions(rng, healthy=0.0)
        else:
            found = lesions_of(rng, "hemorrhage" if stage else kind)
        if stage and stage_of(found[0]) != stage:
            continue
        ill = replace(person, lesions=found)
        seen = look(ill, anatomy)
        if _shows(seen[0], found):
            return ill, seen
    raise ComputationError(
        f"The {kind} of person {number} found no place in any draw; give another --seed or "
        "other --labels."
    )


def _shows(maps: TissueMaps, lesions: tuple[Lesion, ...]) -> bool:
    """Whether the coarse look sees enough of a lesion's own kind."""
    kind = lesions[0].kind
    ml = float((maps.lesion == KINDS[kind]).sum()) * COARSE_MM**3 / 1000
    return ml >= LEAST_ML


def _scan(
    rng: np.random.Generator, role: str, field_t: float, grid: Grid, asked_mm: float | None
) -> Scan:
    scan = draw_scan(rng, role, field_t, Options(strength=STRENGTH))
    resolution = scan.resolution
    if resolution is None:
        return scan
    return replace(scan, resolution=_placed(resolution, grid, asked_mm))


def _ct(rng: np.random.Generator, grid: Grid, asked_mm: float | None) -> CtLook:
    kernel = str(rng.choice(KERNELS))
    ct = draw_ct(rng, strength=CT_STRENGTH, kernel=kernel, thickness=(0.6, FARTHEST_MM))
    return replace(ct, resolution=_placed(ct.resolution, grid, asked_mm))


def _placed(resolution: Resolution, grid: Grid, asked_mm: float | None) -> Resolution:
    """Slices of the grid where a distance was asked for; else as drawn, but not too far apart."""
    gap = resolution.distance / resolution.thickness
    if asked_mm is not None:
        offset = (grid.every // 2) / grid.every
        return replace(resolution, thickness=asked_mm / gap, distance=asked_mm, offset=offset)
    distance = min(resolution.distance, FARTHEST_MM)
    return replace(resolution, thickness=distance / gap, distance=distance)
