"""Sequences that a model learns from lie on each other: one patient's that do not blur all others.

Real images, and nothing else would do: that they lie on one grid says nothing.
"""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from SynthCore.training.sequence.studies import PLACES, Place, Study, read_study

SELDOM = 0.25
"""A study with a lower share may lie beside itself: little is learned from it."""

OFTEN = [place for place in PLACES if place.share >= SELDOM and not place.skull]
"""Those with skull are registered when they are read."""

STEPS = (-2, -1, 0, 1, 2)


def edges(image: npt.NDArray[np.float16]) -> npt.NDArray[np.float32]:
    """Gradient magnitude in the plane, of every third slice."""
    across = np.gradient(image[::3].astype(np.float32), axis=(1, 2))
    return np.hypot(*across).astype(np.float32)


def beside(study: Study, first: str, second: str) -> tuple[int, int]:
    """By how many voxels (j, i) the edges of two sequences lie nearest to each other."""
    a, b = (edges(study.voxels[study.roles.index(role)]) for role in (first, second))
    inner = ndimage.binary_erosion(study.brain, iterations=6)[::3]

    def alike(step: tuple[int, int]) -> float:
        return float(np.corrcoef(a[inner], np.roll(b, step, (1, 2))[inner])[0, 1])

    return max(product(STEPS, STEPS), key=alike)


@pytest.mark.parametrize("place", OFTEN, ids=lambda place: place.patient)
def test_sequences_of_a_study_lie_on_each_other(real_data: Path, place: Place) -> None:
    study = read_study(real_data, place)
    for first, second in combinations(study.roles, 2):
        assert beside(study, first, second) == (0, 0), f"{second} beside {first}"


def test_a_study_that_lies_beside_itself_is_found(real_data: Path) -> None:
    place = next(place for place in PLACES if place.patient == "patient07")
    study = read_study(real_data, place)
    study.voxels[study.roles.index("T2")] = np.roll(study.voxels[study.roles.index("T2")], 1, 1)
    assert beside(study, "T1", "T2") == (-1, 0)
