"""Real CT with simulated noise, to learn denoising from.

A patient's own noise stands in the way twice: there is more or less of it than a routine body CT
has, and a network cannot tell it from what is added. So thin slices are averaged in pairs or
threes, and beside each slab lies its quiet self, by non-local means: mixtures of the two have any
full dose's noise. Noise is simulated once per slab in a few configurations, brought to a standard
deviation of 1 in the body, and scaled while training: to first order a dose changes the strength of
the noise and not its texture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.files.read import read
from SynthCore.image import Image, make_affine
from SynthCore.models.input_statistics import features, fit
from SynthCore.models.normalize import Normalization
from SynthCore.physics.ct_dose import simulate_low_dose
from SynthCore.physics.ct_noise_level import noise_level
from SynthCore.request import Progress
from SynthCore.staging import renewed
from SynthCore.training.pairs import ct_body, list_patients, read_pair
from SynthCore.training.quiet import quiet
from SynthCore.training.recipe import Recipe, refuse_leakage, refuse_unknown

Float32 = npt.NDArray[np.float32]

CT_NORMALIZATION = Normalization("linear", offset=0.0, scale=500.0, low=-3.0, high=6.0)
CHANGE_SCALE_HU = 100.0

FULL_DOSE_HU = 10.0
"""Noise of a routine abdomen CT in soft tissue. The targets are quiet, but what is wanted is the
full dose, which has noise itself: see `SynthCore.engine.noise_check.share_taken`."""

GRAIN = 0.91
"""Of the share that is nearest to the full dose, how much is taken. All of it looks smoother than
the full dose, since what was taken of its own noise cannot be given back; a little less leaves more
of the grain that readers know. At a tenth of the dose of the abdomen left out it costs 0.1 dB, and
the noise power spectrum lies 3.5 dB from the full dose's instead of 7."""

CHEST, ABDOMEN = "LIDC-IDRI-0314", "totalsegmentator-example"
"""Patients of the two CTs of the trunk."""

FINE_MM = 0.8
DOSE = 0.1

CONFIGURATIONS = (("standard", 1.0), ("standard", 0.87), ("soft", 1.0), ("sharp", 1.1))
"""Kernel, and factor on the pixel spacing: noise of finer and coarser grids without resampling."""


@dataclass(frozen=True)
class Slabs:
    """Slabs of one patient and the noise of each configuration.

    Attributes
    ----------
    patient : str
        Identifier in the data set.
    full, quiet : numpy.ndarray
        [k, j, i] in HU, with its own noise and without.
    deviation : float
        Standard deviation of its own noise in soft tissue, HU.
    noise : numpy.ndarray
        [configuration, k, j, i] float16, standard deviation 1 in the body.
    """

    patient: str
    full: Float32
    quiet: Float32
    deviation: float
    noise: npt.NDArray[np.float16]


def averaged(hu: npt.NDArray[np.generic], of: int, step: int, first: int = 0) -> Float32:
    """Means of `of` neighboring slices, every `step` slices."""
    starts = range(first, hu.shape[0] - of + 1, step)
    return np.stack([hu[k : k + of].mean(axis=0, dtype=np.float32) for k in starts])


def fine(image: Image) -> Float32:
    """Voxels of a coarse CT interpolated (cubic) to `FINE_MM` in the plane, every other slice."""
    factors = (1.0, image.spacing[1] / FINE_MM, image.spacing[0] / FINE_MM)
    voxels = image.voxels[::2].astype(np.float32)
    made: Float32 = ndimage.zoom(voxels, factors, order=3, mode="nearest")
    return np.clip(made, -1024, 3071)


def volumes(recipe: Recipe, data: Path) -> list[tuple[str, Float32, tuple[float, float]]]:
    """Patient, quiet slabs [k, j, i] in HU, and pixel spacing (i, j) of everything to train on."""
    limbs = list_patients(data)
    refuse_unknown(recipe, [*limbs, CHEST, ABDOMEN])
    found: list[tuple[str, Float32, tuple[float, float]]] = []
    chest = read(data / "ct" / "LIDC-IDRI-0314_chest_3mm.nii.gz", modality="CT")
    if CHEST not in recipe.validation:
        for first in (0, 1):
            found.append((CHEST, averaged(chest.voxels, 2, 2, first), chest.spacing[:2]))
    if ABDOMEN not in recipe.validation:
        abdomen = read(data / "ct" / "totalsegmentator_example_ct.nii.gz", modality="CT")
        found.append((ABDOMEN, fine(abdomen), (FINE_MM, FINE_MM)))
    for patient in limbs:
        if patient not in recipe.validation:
            ct = read_pair(data, patient).ct
            found.append((patient, averaged(ct.voxels, 3, 3), ct.spacing[:2]))
    if recipe.options.get("thin_slices") and CHEST not in recipe.validation:
        # neighbors that resemble each other, as in thinner slices than the others are
        thin = chest.voxels[len(chest.voxels) // 4 : -len(chest.voxels) // 4]
        found.append((CHEST, averaged(thin, 1, 1), chest.spacing[:2]))
    refuse_leakage(recipe, [patient for patient, _, _ in found])
    return found


def load(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> list[Slabs]:
    """All slabs with their noise, from `cache` where it was made before."""
    cache.mkdir(parents=True, exist_ok=True)
    made = []
    everything = volumes(recipe, data)
    for n, (patient, hu, spacing) in enumerate(everything):
        name = f"{n:02d}-{patient}"
        still = _kept(cache / f"{name}-quiet.npy", partial(quiet, hu))
        noise = _kept(
            cache / f"{name}-{seed}.npy",
            partial(unit_noise, hu, spacing, seed=seed * 1000 + n),
        )
        made.append(Slabs(patient, hu, still, noise_level(hu, spacing), noise))
        if progress is not None:
            progress((n + 1) / len(everything), "noise")
    return made


def _kept(path: Path, make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """An array from its file, made and written first where there is none."""
    if not path.exists():
        made = make()
        with renewed(path) as part:
            np.save(part, made, allow_pickle=False)
    kept: npt.NDArray[Any] = np.load(path, allow_pickle=False)
    return kept


def unit_noise(hu: Float32, spacing: tuple[float, float], *, seed: int) -> npt.NDArray[np.float16]:
    """Noise of every configuration, [configuration, k, j, i], standard deviation 1 in the body."""
    body = ct_body(hu)
    fields = []
    for n, (kernel, factor) in enumerate(CONFIGURATIONS):
        grid = (spacing[0] * factor, spacing[1] * factor)
        lower = simulate_low_dose(
            hu, grid, DOSE, seed=seed * 10 + n, kernel=kernel, slice_thickness_mm=3.0
        )
        noise = lower - hu
        deviation = float(noise[body].std()) if body.any() else float(noise.std())
        fields.append((noise / max(deviation, 1e-6)).astype(np.float16))
    return np.stack(fields)


STATISTICS_NOISE_HU = (0.0, 15.0, 40.0)


def statistics(recipe: Recipe, data: Path) -> dict[str, Any]:
    """Input statistics of the training CTs, quiet and noisy."""
    found = []
    for n, (_, hu, spacing) in enumerate(volumes(recipe, data)):
        rng = np.random.default_rng(n)
        affine = make_affine((*spacing, 5.0))
        for strength in STATISTICS_NOISE_HU:
            # correlated over a few pixels, as after reconstruction
            noise = ndimage.gaussian_filter(rng.standard_normal(hu.shape), (0, 0.8, 0.8))
            voxels = hu + np.float32(strength) * (noise / noise.std()).astype(np.float32)
            found.append(features(Image(voxels, affine, "CT", "HU")))
    return fit(found, "ct")
