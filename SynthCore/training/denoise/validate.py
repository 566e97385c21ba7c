"""Real CT that is not trained on, its dose lowered by simulation, and what is measured on it."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path

import numpy as np
from scipy import ndimage
from torch import nn

from SynthCore.engine.noise_check import share_taken
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.models.classical.base import Job
from SynthCore.models.classical.non_local_means import NonLocalMeans
from SynthCore.models.normalize import normalize
from SynthCore.physics.ct_dose import simulate_low_dose
from SynthCore.physics.ct_noise_level import match_fluence
from SynthCore.physics.ct_scanner import Scanner
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.masks import body_mask_ct
from SynthCore.quality.noise_power import noise_power, spectral_distance, uniform_soft_tissue
from SynthCore.training.apply import predict_volume
from SynthCore.training.denoise.slabs import (
    CHANGE_SCALE_HU,
    CT_NORMALIZATION,
    FULL_DOSE_HU,
    GRAIN,
    averaged,
)
from SynthCore.training.pairs import read_pair

ABDOMEN = Path("dicom") / "CRLM-CT-1004_CT_abdomen.zip"
PRESET = "ldct-bench:abdomen"
SEED = 2024
AVERAGED = 3
METRICS = ("psnr_db", "ssim", "rmse_hu", "mae_hu", "me_hu")
TISSUES = {
    "air": (-1100.0, -200.0),
    "fat": (-150.0, -30.0),
    "soft": (-20.0, 120.0),
    "bone": (150.0, 3071.0),
}
"""Lung and gas, fat, soft tissue, bone: HU after smoothing."""

Denoise = Callable[[Image], Image]


@cache
def abdomen(data: Path) -> Image:
    """The full-dose CT, read from its DICOM files."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(data / ABDOMEN) as archive:
            archive.extractall(folder)
        image = read(folder, modality="CT")
        return Image(np.array(image.voxels), image.affine, "CT", "HU")


@cache
def scanner(data: Path) -> Scanner:
    """The scanner whose full dose has the abdomen's noise."""
    return scanner_of(abdomen(data))


def scanner_of(full: Image) -> Scanner:
    """The scanner whose full dose has an image's noise."""
    return match_fluence(
        full.voxels, full.spacing[:2], seed=SEED, slice_thickness_mm=full.spacing[2]
    )


@cache
def low_dose(data: Path, dose: float) -> Image:
    """The abdomen at a fraction of its dose."""
    return lowered(data, abdomen(data), dose)


def thigh(data: Path, patient: str) -> Image:
    """A limb's CT, thin slices averaged in threes as in training."""
    ct = read_pair(data, patient).ct
    affine = np.array(ct.affine)
    affine[:3, 3] += affine[:3, 2]
    affine[:3, 2] *= AVERAGED
    return Image(averaged(ct.voxels, AVERAGED, AVERAGED), affine, "CT", "HU")


def lowered(data: Path, image: Image, dose: float) -> Image:
    """An image at a fraction of its dose, by the abdomen's scanner."""
    return lowered_by(scanner(data), image, dose)


def lowered_by(scanner: Scanner, image: Image, dose: float) -> Image:
    """An image at a fraction of its dose, by a scanner whose full dose has its noise."""
    voxels = simulate_low_dose(
        image.voxels, image.spacing[:2], dose, seed=SEED, slice_thickness_mm=image.spacing[2],
        scanner=scanner,
    )  # fmt: skip
    return image.with_voxels(voxels)


def network_denoiser(
    network: nn.Module, slices: int, full_dose_hu: float | None = FULL_DOSE_HU
) -> Denoise:
    """A network as a function of images, as the engine runs it."""

    def denoise(noisy: Image) -> Image:
        channels = normalize(noisy.voxels, CT_NORMALIZATION)[None]
        share = 1.0 if full_dose_hu is None else GRAIN * share_taken(noisy, full_dose_hu)
        change = predict_volume(network, channels, slices) * np.float32(CHANGE_SCALE_HU * share)
        voxels = np.clip(noisy.voxels.astype(np.float32) + change, -1024, 3071)
        return noisy.with_voxels(voxels)

    return denoise


def non_local_means(noisy: Image) -> Image:
    """The classical baseline."""
    body = body_mask_ct(noisy.voxels, noisy.spacing)
    return noisy.with_voxels(NonLocalMeans()(Job({"CT": noisy}, "CT", body)))


def figures(
    made: Image, full: Image, tissues: Collection[str] = tuple(TISSUES), size: int = 32
) -> dict[str, float]:
    """Metrics of `PRESET`, signed errors (HU) by tissue of the full dose, smoothed, and noise."""
    scores = evaluate(made, full, preset=PRESET).metrics
    found = {name: float(scores[name]) for name in METRICS}
    error = made.voxels.astype(np.float32) - full.voxels.astype(np.float32)
    # judged on a smoothed image: noise must not choose the voxels whose error it is
    smooth = ndimage.gaussian_filter(full.voxels.astype(np.float32), (0, 1.5, 1.5))
    body = body_mask_ct(full.voxels, full.spacing)
    for name in tissues:
        low, high = TISSUES[name]
        found[f"me_{name}_hu"] = float(error[body & (smooth > low) & (smooth < high)].mean())
    flat = uniform_soft_tissue(full.voxels)
    power, wanted = (
        noise_power(image.voxels, image.spacing, flat, size=size) for image in (made, full)
    )
    found["noise_hu"] = power.noise
    found["nps_distance_db"] = spectral_distance(power, wanted)
    return found
