"""The figures of the card: an abdomen at several doses, faint rods in its liver, thighs."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.errors import InputError, ModelError
from SynthCore.models.bundle import load_network
from SynthCore.models.library import find_bundle
from SynthCore.training.denoise import low_contrast
from SynthCore.training.denoise.validate import (
    ABDOMEN,
    PRESET,
    Denoise,
    abdomen,
    figures,
    low_dose,
    lowered_by,
    network_denoiser,
    non_local_means,
    scanner_of,
    thigh,
)
from SynthCore.training.pairs import FOLDER
from SynthCore.training.recipe import Recipe

DOSES = (0.5, 0.25, 0.1, 0.05)
LESION_DOSE = 0.1
THIGH_DOSE = 0.25
PEER = "ct-denoise-red-cnn"
COMMAND = "synthcore bench ct-denoise"
PEER_COMMAND = f"synthcore train {PEER}"
"""What makes the peer, which comes with no installation."""

Rows = Mapping[str, Mapping[str, float]]


def quality(data: Path, run: Denoise, recipe: Recipe) -> list[dict[str, Any]]:
    """All figures of a denoiser; empty where the abdomen is not among the data."""
    if not (data / ABDOMEN).exists():
        return []
    methods = {"model": run, **others(recipe)}
    made = [abdomen_at(data, dose, methods) for dose in DOSES]
    made.append(rods(data, methods))
    limbs = [p for p in recipe.validation if (data / FOLDER / p).is_dir()]
    if limbs:
        made.append(thighs(data, limbs, methods, f"synthcore train {recipe.name}"))
    return made


def others(recipe: Recipe) -> dict[str, Denoise]:
    """What the model is compared with: a classical method, and the published peer if installed."""
    found: dict[str, Denoise] = {"non-local means": non_local_means}
    if recipe.model != PEER:
        # it is trained after the model: a first run has none
        with contextlib.suppress(InputError, ModelError):
            bundle = find_bundle(PEER)
            network, card = load_network(bundle), bundle.card
            found["RED-CNN"] = network_denoiser(
                network, card.prepare.slices, card.output.full_dose_hu
            )
    return found


def abdomen_at(data: Path, dose: float, methods: Mapping[str, Denoise]) -> dict[str, Any]:
    """The abdomen at one dose."""
    full, noisy = abdomen(data), low_dose(data, dose)
    rows = {name: figures(run(noisy), full) for name, run in methods.items()}
    rows["noisy"] = figures(noisy, full)
    return entry(
        PRESET, f"CRLM-CT-1004 (abdomen, 41 slices) at {dose:g} of its dose, simulated",
        "PSNR, SSIM, RMSE on whole slices; errors in the body; noise and its power spectrum in "
        "uniform soft tissue", rows,
    )  # fmt: skip


def thighs(
    data: Path, patients: Sequence[str], methods: Mapping[str, Denoise], command: str
) -> dict[str, Any]:
    """Means over thighs that were left out, each at a quarter of its own dose.

    The bench knows no thighs: `command` prints them.
    """
    by: dict[str, list[dict[str, float]]] = {}
    for patient in patients:
        full = thigh(data, patient)
        noisy = lowered_by(scanner_of(full), full, THIGH_DOSE)
        images = {"noisy": noisy} | {name: run(noisy) for name, run in methods.items()}
        for name, image in images.items():
            by.setdefault(name, []).append(figures(image, full, ("fat", "soft", "bone"), size=16))
    rows = {
        name: {k: float(np.mean([one[k] for one in found])) for k in found[0]}
        for name, found in by.items()
    }
    return entry(
        PRESET, f"mean of {', '.join(patients)} (thigh, 10 mm) at {THIGH_DOSE:g} of the dose, "
        "simulated", "PSNR, SSIM, RMSE on whole slices; errors in the body", rows, command,
    )  # fmt: skip


def rods(data: Path, methods: Mapping[str, Denoise]) -> dict[str, Any]:
    """How visible faint rods in the liver are."""
    found = low_contrast.visibility(data, LESION_DOSE, methods)
    rows = {
        str(row["image"]): {k: v for k, v in row.items() if isinstance(v, float)}
        for row in low_contrast.as_rows(found)
    }
    rows["noisy"] = rows.pop("low dose")
    return entry(
        "channelized Hotelling observer, 10 channels (dense differences of Gaussians)",
        f"CRLM-CT-1004 with rods of 10 mm and -5 HU in the liver, at {LESION_DOSE:g} of its dose, "
        "simulated", "the liver's right lobe", rows,
    )  # fmt: skip


def entry(preset: str, data: str, mask: str, rows: Rows, command: str = COMMAND) -> dict[str, Any]:
    """One table of the card, and the commands that print it."""
    rounded = {n: {k: round(v, 3) for k, v in row.items()} for n, row in rows.items()}
    own = rounded.pop("model")
    first = "non-local means"
    return {
        "preset": preset,
        "data": data,
        "mask": mask,
        "clip": [-1024, 1900],
        "data_range": 1.0,
        "metrics": own,
        "baseline": {"name": first, "metrics": rounded[first]},
        "baselines": [{"name": name, "metrics": row} for name, row in rounded.items()],
        "command": f"{PEER_COMMAND}, then {command}" if "RED-CNN" in rows else command,
    }
