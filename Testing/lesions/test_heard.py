"""Whoever waits for a lesion is told how far it is, often enough to stop it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.errors import CancelledError
from SynthCore.image import Image
from SynthCore.lesions.grids import depth_in
from SynthCore.lesions.grow import grow
from SynthCore.lesions.place import place
from SynthCore.lesions.wish import LesionWish
from SynthCore.request import Progress, part_of
from Testing.lesions.brain_phantom import brain

Work = Callable[[dict[str, Image], Progress], object]


def placed(images: dict[str, Image], progress: Progress) -> object:
    return place(images, LesionWish("glioma", 4.0), progress=progress)


def grown(images: dict[str, Image], progress: Progress) -> object:
    dates = (date(2024, 1, 1), date(2024, 3, 1))
    return grow(images, LesionWish("glioma", 2.0), dates, (2.0, 4.0), progress=progress)


@pytest.fixture(scope="module")
def images() -> dict[str, Image]:
    return brain(("T1", "FLAIR"), 3.0, 4.0)


@pytest.mark.parametrize("work", [placed, grown])
def test_progress_rises_in_small_steps_and_any_of_them_stops_it(
    images: dict[str, Image], work: Work
) -> None:
    told: list[tuple[float, str]] = []
    work(images, lambda fraction, stage: told.append((fraction, stage)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1
    assert max(b - a for a, b in itertools.pairwise(fractions)) <= 0.16
    stages = " ".join(stage for _, stage in told)
    for words in ("find the brain", "tissues", "draw the lesion", "paint T1", "paint FLAIR"):
        assert stages.count(words) >= 3, words

    def stop_at(last: int) -> Progress:
        heard = iter(range(last))

        def tell(fraction: float, stage: str) -> None:
            if next(heard, None) is None:
                raise CancelledError("Cancelled.")

        return tell

    for last in (0, len(told) // 2, len(told) - 1):
        with pytest.raises(CancelledError):
            work(images, stop_at(last))


def test_a_part_of_the_work_is_told_as_a_part_of_the_whole() -> None:
    told: list[tuple[float, str]] = []
    part = part_of(lambda fraction, stage: told.append((fraction, stage)), 0.2, 0.6)
    part_of(part, 0.5, 1.0)(0.5, "deep")
    assert told == [(pytest.approx(0.5), "deep")]
    part_of(None, 0.0, 1.0)(0.5, "nobody listens")


@pytest.mark.parametrize("block", [np.s_[3:9, 2:8, 4:7], np.s_[0:5, 3:12, 0:10], np.s_[0:0]])
def test_depth_by_the_part_around_a_mask_is_that_by_the_whole(block: object) -> None:
    rng = np.random.default_rng(1)
    mask = np.zeros((12, 14, 11), dtype=bool)
    mask[block] = rng.random(mask[block].shape) < 0.9  # type: ignore[index]
    spacing = (3.0, 1.0, 0.7)
    expected = ndimage.distance_transform_edt(mask, spacing).astype(np.float32)
    assert np.array_equal(depth_in(mask, spacing), expected)
