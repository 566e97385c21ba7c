"""A small model and a site's pairs on disk, for the tests of fine-tuning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from SynthCore.image import Image, make_affine
from SynthCore.itk import to_itk
from SynthCore.training.cards import finish_block, page
from SynthCore.training.extremity.card import block
from SynthCore.training.publish import publish
from Testing.training.small_run import TINY, begin

CASES = 4


def a_parent(folder: Path, learned_from: tuple[str, ...] = ()) -> Path:
    """A model of random weights that says it learned from these patients."""
    recipe = replace(TINY, validation=())
    made = finish_block(
        recipe, block(recipe, learned_from), seed=0, steps=0, minutes=0.0, machine="test",
        parameters=1, statistics={}, quality=[],
    )  # fmt: skip
    return publish(begin(recipe).average, made, page(made), folder)


def a_leg(seed: int, shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> tuple[Image, Image]:
    """An MR and a CT of one leg, the CT `shift_mm` (x, y, z) off."""
    rng = np.random.default_rng(seed)
    affine = make_affine((2.0, 2.0, 4.0), (-48.0, -48.0, 100.0))
    k, j, i = np.mgrid[:6, :48, :48].astype(np.float32)
    mr, ct = np.zeros(k.shape, np.float32), np.full(k.shape, -1000, np.float32)
    for edge, dj, di, signal, hu in (
        (20, 0, 0, 950, -100), (16, 0, 0, 300, 60), (6, 5, 2, 20, 1200), (3, 5, 2, 900, -50),
        (4, -6, 5, 450, 30), (2.5, 2, -10, 700, -80),
    ):  # fmt: skip
        inside = np.hypot(j - 24 - dj - 0.3 * k, (i - 24 - di) * 1.1) < edge + rng.uniform(
            -0.7, 0.7
        )
        mr[inside], ct[inside] = signal, hu
    mr = np.abs(ndimage.gaussian_filter(mr, (0, 0.5, 0.5)) + rng.normal(0, 15, mr.shape))
    ct = ndimage.gaussian_filter(ct, (0, 0.5, 0.5)) + rng.normal(0, 20, ct.shape)
    moved = affine.copy()
    moved[:3, 3] += shift_mm
    return (
        Image(mr.astype(np.float32), affine, "T1"),
        Image(ct.astype(np.float32), moved, "CT", "HU"),
    )


def write(image: Image, path: Path) -> Path:
    """The image as NIfTI, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(to_itk(image.voxels.astype(np.float32), image.affine), str(path))
    return path


def a_table(folder: Path, count: int = CASES) -> Path:
    """A CSV table of so many legs, each CT 4 mm off, under names that may not be told."""
    lines = ["patient,T1,target"]
    for n in range(count):
        mr, ct = a_leg(n, (4.0, -3.0, 0.0))
        write(mr, folder / "images" / f"mr{n}.nii.gz")
        write(ct, folder / "images" / f"ct{n}.nii.gz")
        lines.append(f"SMITH^JANE{n},images/mr{n}.nii.gz,images/ct{n}.nii.gz")
    table = folder / "pairs.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return table
