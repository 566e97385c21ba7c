"""What is asked for: images, lesions, grid and seed; the same for every person of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from SynthCore.errors import InputError
from SynthCore.people.streams import MOST_SEED
from SynthCore.physics.generator.lesions import KINDS, STAGES
from SynthCore.physics.generator.sequences import ROLES

CT = "CT"
IMAGES = (*ROLES, CT)
"""What can be made of a person."""

USUAL = ("T1", "T2", "FLAIR", CT)
"""Images that are made where none are named."""

NONE, RANDOM = "none", "random"
LESIONS = tuple(kind for kind in KINDS if kind != "edema")
"""Kinds that can be asked for; edema comes with others."""

STAGED = {f"{stage} hemorrhage": stage for stage in STAGES}
"""A hemorrhage of one age, which can be asked for too."""

WAYS = (*LESIONS, *STAGED, NONE, RANDOM)
"""All that can be asked for."""

SPACING_MM, SLICES_MM = (0.3, 5.0), (0.3, 10.0)
"""Least and most that a pixel and the distance of slices may be."""

Format = Literal["dicom", "nifti"]


@dataclass(frozen=True)
class Wish:
    """What every person of a folder is made by.

    Attributes
    ----------
    images : tuple of str
        Of `IMAGES`, in the order they are written.
    lesions : tuple of str
        Of `WAYS`; people take them in turn.
    spacing_mm : float
        Side of a pixel.
    slices_mm : float, optional
        Distance of slices, of which every image is acquired; that of pixels where not given, and
        each image by slices of its own, brought onto the grid.
    seed : int
        Another one, other people.
    output : {'dicom', 'nifti'}
        Format of the images.
    """

    images: tuple[str, ...] = USUAL
    lesions: tuple[str, ...] = (RANDOM,)
    spacing_mm: float = 1.0
    slices_mm: float | None = None
    seed: int = 0
    output: Format = "dicom"

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise InputError(f"The seed {self.seed} is below 0; give 0 or more with --seed.")
        if self.seed > MOST_SEED:
            raise InputError(f"The seed is above {MOST_SEED}; give a smaller one with --seed.")
        _refuse_outside(self.spacing_mm, SPACING_MM, "A spacing", "--spacing")
        if self.slices_mm is not None:
            _refuse_outside(self.slices_mm, SLICES_MM, "A distance of slices", "--slices-mm")

    def lesion_of(self, number: int) -> str:
        """What the person of that number has, from 1."""
        return self.lesions[(number - 1) % len(self.lesions)]


def parse_images(text: str) -> tuple[str, ...]:
    """Roles from ``T1,T2,FLAIR,CT``, whatever their case.

    Raises
    ------
    InputError
        If one is not known or named twice, or there is none.
    """
    known = {name.lower(): name for name in IMAGES}
    asked = [part.strip() for part in text.split(",") if part.strip()]
    for one in asked:
        if one.lower() not in known:
            raise InputError(
                f"There is no image {one} to make; give some of {', '.join(IMAGES)} with --images."
            )
    found = tuple(known[one.lower()] for one in asked)
    if not found or len(set(found)) < len(found):
        raise InputError("Name each image once, such as --images T1,T2,FLAIR,CT.")
    return found


def parse_lesions(names: Sequence[str]) -> tuple[str, ...]:
    """Kinds from the words of a command line, with hyphens or spaces; `RANDOM` for no words.

    Raises
    ------
    InputError
        If one is not known.
    """
    known = {kind: kind for kind in WAYS}
    found = []
    for name in names or (RANDOM,):
        kind = known.get(name.strip().lower().replace("-", " "))
        if kind is None:
            ways = ", ".join(dashed(one) for one in WAYS)
            raise InputError(f"There is no lesion {name} to make; give one of {ways}.")
        found.append(kind)
    return tuple(found)


def dashed(kind: str) -> str:
    """A kind as a word: for file names and command lines."""
    return kind.replace(" ", "-")


def _refuse_outside(value: float, ends: tuple[float, float], what: str, option: str) -> None:
    low, high = ends
    if not low <= value <= high:
        raise InputError(
            f"{what} of {value:g} mm is not made; give {low:g} to {high:g} with {option}."
        )
