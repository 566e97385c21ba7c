"""Parts of generated heads in all five sequences, scaled as real studies are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import torch

from SynthCore.errors import InputError
from SynthCore.models.normalize import scale_of
from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.person import apply_person, draw_person
from SynthCore.physics.generator.scan import Options, Scan, apply_scan, draw_scan
from SynthCore.physics.generator.window import Window
from SynthCore.request import Progress
from SynthCore.training.sequence.studies import (
    NORMALIZATION,
    QUANTILES,
    ROLES,
    TOP_PERCENTILE,
    Study,
    make_study,
)

FOLDER = "label_maps/synthseg"
SLAB = (10, 144, 144)
WHOLE_MM = 4.0
"""Voxels of the whole head that a slab's scale is taken from."""

SURVEY_MM = 3.0
"""Voxels of a head that is looked at as a whole."""

STRIPPED_SHARE = 0.7
"""Of slabs, without the head around the brain."""

WIDE_SPACES = 0.4
"""Of people: more fluid around the brain, and cysts in it, than any label map has."""

AROUND_MM = (50.0, 40.0, 30.0)
"""How far the middle of a slab may lie from the middle of the cerebrum, along (k, j, i)."""

Bools = npt.NDArray[np.bool_]


def read_heads(data: Path, count: int, progress: Progress | None = None) -> list[Anatomy]:
    """The first label maps, made ready.

    Raises
    ------
    InputError
        If there are none.
    """
    paths = sorted((data / FOLDER).glob("training_seg_*.nii.gz"))[:count]
    if not paths:
        raise InputError(
            f"There is no {FOLDER}/training_seg_*.nii.gz in the data folder; "
            "name the one that holds the label maps."
        )
    heads = []
    for n, path in enumerate(paths):
        image = sitk.DICOMOrient(sitk.ReadImage(str(path), sitk.sitkInt16), "LPS")
        i, j, k = image.GetSpacing()
        labels = torch.from_numpy(sitk.GetArrayFromImage(image))
        heads.append(read_anatomy(labels, (k, j, i)))
        if progress is not None:
            progress((n + 1) / len(paths), "read label maps")
    return heads


def make_slabs(
    heads: list[Anatomy], count: int, seed: int, progress: Progress | None = None
) -> list[Study]:
    """Slabs of new people in new scanners; slab n is drawn from the random stream (seed, n)."""
    made = []
    for n in range(count):
        rng = np.random.default_rng((seed, n))
        made.append(make_slab(rng, heads[int(rng.integers(len(heads)))]))
        if progress is not None:
            progress((n + 1) / count, "generate")
    return made


def make_slab(rng: np.random.Generator, head: Anatomy) -> Study:
    """One slab of a new person, scanned in every sequence of `ROLES`.

    Its scale is that of the whole head, which is scanned coarsely as well.
    """
    person = draw_person(rng, healthy=0.4, wide_spaces=WIDE_SPACES)
    options = Options(strength=float(rng.uniform(0.2, 0.9)), thickness=(1.0, 1.5))
    scans = [draw_scan(rng, role, person.field_t, options) for role in ROLES]
    stripped = bool(rng.random() < STRIPPED_SHARE)
    whole = apply_person(person, head, _whole_window(head, WHOLE_MM))
    tops, divisors = _scales(scans, whole, stripped)
    maps = apply_person(person, head, _slab_window(rng, head))
    brain = maps.brain.numpy()
    images = np.stack([apply_scan(scan, maps).numpy() for scan in scans])
    if stripped:
        images = images * brain
    scaled = np.clip(images / tops[:, None, None, None], 0, 6)
    return Study(
        "generated", ROLES, scaled.astype(np.float16), brain, np.ones_like(brain),
        (maps.lesion.numpy() > 0) & brain, (1.0, 1.0, 1.0), divisors,
        np.tile(QUANTILES.astype(np.float32), (len(ROLES), 1)), not stripped, True,
    )  # fmt: skip


def _whole_window(head: Anatomy, step: float) -> Window:
    k, j, i = (o + n / 2 for o, n in zip(head.origin, head.shape, strict=True))
    count = [int(e / step) + 1 for e in head.extent_mm]
    return Window((k, j, i), (count[0], count[1], count[2]), (step, step, step))


def _slab_window(rng: np.random.Generator, head: Anatomy) -> Window:
    k, j, i = (
        o + c + float(rng.uniform(-r, r)) / s
        for o, c, r, s in zip(head.origin, head.center, AROUND_MM, head.spacing, strict=True)
    )
    return Window((k, j, i), SLAB, (1.0, 1.0, 1.0))


def _scales(
    scans: list[Scan], whole: TissueMaps, stripped: bool
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The 99.5th percentile in the brain, and what an input is divided by beyond that."""
    brain = whole.brain.numpy()
    tops, divisors = [], []
    for scan in scans:
        quiet = replace(scan, resolution=None, motion=None, ghosts=None, noise=None)
        image = apply_scan(quiet, whole).numpy()
        tops.append(np.percentile(image[brain], TOP_PERCENTILE))
        divisors.append(scale_of(image * brain if stripped else image, NORMALIZATION))
    top = np.maximum(np.array(tops, dtype=np.float32), np.float32(1e-6))
    return top, (np.array(divisors) / top).astype(np.float32)


def make_whole(rng: np.random.Generator, head: Anatomy, stripped: bool) -> Study:
    """A whole new head at `SURVEY_MM`, in every sequence."""
    person = draw_person(rng, healthy=0.6)
    options = Options(strength=float(rng.uniform(0.2, 0.9)))
    maps = apply_person(person, head, _whole_window(head, SURVEY_MM))
    images = np.stack(
        [apply_scan(draw_scan(rng, role, person.field_t, options), maps).numpy() for role in ROLES]
    )
    return make_study(
        "generated", ROLES, images, maps.brain.numpy(), maps.lesion.numpy() > 0, maps.spacing,
        skull=not stripped,
    )  # fmt: skip
