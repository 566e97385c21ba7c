"""The table of the denoising model: simulated low dose against the full dose of an abdomen CT."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.models.classical.base import Job
from SynthCore.models.classical.non_local_means import NonLocalMeans
from SynthCore.models.networks import SliceUNet
from SynthCore.models.normalize import normalize
from SynthCore.physics.ct_dose import simulate_low_dose
from SynthCore.physics.ct_noise_level import match_fluence
from SynthCore.physics.ct_scanner import Scanner
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.masks import body_mask_ct
from SynthCore.quality.noise_power import noise_power, spectral_distance, uniform_soft_tissue
from SynthCore.training.apply import predict_volume
from SynthCore.training.denoise.slabs import CHANGE_SCALE_HU, CT_NORMALIZATION, SHARE_TAKEN
from SynthCore.training.recipe import Recipe

ABDOMEN = Path("dicom") / "CRLM-CT-1004_CT_abdomen.zip"
PRESET = "ldct-bench:abdomen"
DOSES = (0.25, 0.1)
SEED = 2024
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
    full = abdomen(data)
    return match_fluence(
        full.voxels, full.spacing[:2], seed=SEED, slice_thickness_mm=full.spacing[2]
    )


@cache
def low_dose(data: Path, dose: float) -> Image:
    """The abdomen at a fraction of its dose."""
    return lowered(data, abdomen(data), dose)


def lowered(data: Path, image: Image, dose: float) -> Image:
    """An image at a fraction of its dose, by the abdomen's scanner."""
    voxels = simulate_low_dose(
        image.voxels, image.spacing[:2], dose, seed=SEED, slice_thickness_mm=image.spacing[2],
        scanner=scanner(data),
    )  # fmt: skip
    return image.with_voxels(voxels)


def network_denoiser(network: SliceUNet, slices: int) -> Denoise:
    """A network as a function of images, as the engine runs it."""

    def denoise(noisy: Image) -> Image:
        channels = normalize(noisy.voxels, CT_NORMALIZATION)[None]
        change = predict_volume(network, channels, slices) * np.float32(
            CHANGE_SCALE_HU * SHARE_TAKEN
        )
        voxels = np.clip(noisy.voxels.astype(np.float32) + change, -1024, 3071)
        return noisy.with_voxels(voxels)

    return denoise


def non_local_means(noisy: Image) -> Image:
    """The classical baseline."""
    body = body_mask_ct(noisy.voxels, noisy.spacing)
    return noisy.with_voxels(NonLocalMeans()(Job({"CT": noisy}, "CT", body)))


def table(
    data: Path, methods: Mapping[str, Denoise], doses: Sequence[float] = DOSES
) -> dict[float, dict[str, dict[str, float]]]:
    """By dose and method: metrics of the preset and the signed error of each tissue.

    Parameters
    ----------
    data : Path
        The folder that holds ``dicom/``.
    methods : mapping
        By name; ``noisy`` and ``non-local means`` are added.
    doses : sequence of float
        Fractions of the full dose.
    """
    full = abdomen(data)
    rows: dict[float, dict[str, dict[str, float]]] = {}
    for dose in doses:
        noisy = low_dose(data, dose)
        tried = {**methods, "noisy": lambda image: image, "non-local means": non_local_means}
        rows[dose] = {name: figures(run(noisy), full) for name, run in tried.items()}
    return rows


def figures(made: Image, full: Image) -> dict[str, float]:
    """Metrics of `PRESET`, signed errors (HU) by tissue of the full dose, smoothed, and noise."""
    from scipy import ndimage

    scores = evaluate(made, full, preset=PRESET).metrics
    found = {name: float(scores[name]) for name in METRICS}
    error = made.voxels.astype(np.float32) - full.voxels.astype(np.float32)
    # judged on a smoothed image: noise must not choose the voxels whose error it is
    smooth = ndimage.gaussian_filter(full.voxels.astype(np.float32), (0, 1.5, 1.5))
    body = body_mask_ct(full.voxels, full.spacing)
    for name, (low, high) in TISSUES.items():
        found[f"me_{name}_hu"] = float(error[body & (smooth > low) & (smooth < high)].mean())
    flat = uniform_soft_tissue(full.voxels)
    power, wanted = (noise_power(image.voxels, image.spacing, flat) for image in (made, full))
    found["noise_hu"] = power.noise
    found["nps_distance_db"] = spectral_distance(power, wanted)
    return found


def as_text(rows: Mapping[float, Mapping[str, Mapping[str, float]]]) -> str:
    """The table for a person."""
    lines = []
    for dose, methods in rows.items():
        names = list(next(iter(methods.values())))
        lines.append(f"dose {dose:<9g}" + "".join(f"{name:>14}" for name in names))
        for method, row in methods.items():
            lines.append(f"{method:14}" + "".join(f"{row[name]:14.3f}" for name in names))
    return "\n".join(lines)


def quality(data: Path, network: SliceUNet, recipe: Recipe) -> list[dict[str, Any]]:
    """The card's figures; empty where the abdomen is not among the data."""
    if not (data / ABDOMEN).exists():
        return []
    rows = table(data, {"model": network_denoiser(network, recipe.slices)})
    return [
        {
            "preset": PRESET,
            "data": f"CRLM-CT-1004 (abdomen, 41 slices) at {dose:g} of its dose, simulated",
            "mask": "PSNR, SSIM, RMSE on whole slices; errors in the body",
            "clip": [-1024, 1900],
            "data_range": 1.0,
            "metrics": _rounded(methods["model"]),
            "baseline": {
                "name": "non-local means",
                "metrics": _rounded(methods["non-local means"]),
            },
            "baselines": [
                {"name": name, "metrics": _rounded(methods[name])}
                for name in ("non-local means", "noisy")
            ],
            "command": "synthcore bench ct-denoise",
        }
        for dose, methods in rows.items()
    ]


def _rounded(row: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in row.items()}
