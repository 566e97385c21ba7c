"""`ct-denoise` on a real abdomen at simulated low doses, against the noisy image and a baseline."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.bench.denoise_figure import draw
from SynthCore.engine.synthesize import find_body, synthesize
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.physics.ct_dose import simulate_low_dose
from SynthCore.physics.ct_noise_level import match_fluence
from SynthCore.quality.ct_numbers import as_metrics, tissue_errors
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.noise_power import noise_power, uniform_soft_tissue
from SynthCore.request import Progress

ARCHIVE = Path("dicom") / "CRLM-CT-1004_CT_abdomen.zip"
DOSES = (0.25, 0.1)
MODELS = ("ct-denoise-nlm", "ct-denoise-body")
PRESET = "ldct-bench"
SEED = 7
KERNEL = "standard"
COLUMNS = {
    "psnr_db": "PSNR dB",
    "ssim": "SSIM",
    "rmse_hu": "RMSE HU",
    "me_air_hu": "ME air",
    "me_fat_hu": "ME fat",
    "me_soft_tissue_hu": "ME soft",
    "me_bone_hu": "ME bone",
    "noise_hu": "noise HU",
    "nps_mean_frequency_per_mm": "NPS /mm",
}


def table(
    data: Path, out: Path | None, progress: Progress, models: Sequence[str] = MODELS
) -> tuple[dict[str, Any], str]:
    """Rows of dose, image and metrics against the full-dose original; a picture into `out`.

    Parameters
    ----------
    data : Path
        Folder of real images.
    out : Path or None
        Folder for ``ct-denoise.png``.
    progress : callable
        Told the fraction done.
    models : sequence of str
        Ids to compare.

    Raises
    ------
    InputError
        If the abdomen is not in `data`.
    """
    full = abdomen(data)
    body = full.with_voxels(find_body(full))
    rows = [{"dose": 1.0, "image": "full dose"} | _texture(full, full)]
    pictures: dict[tuple[float, str], Image] = {(1.0, "full dose"): full}
    steps = len(DOSES) * (len(models) + 1)
    for dose in DOSES:
        progress((len(pictures) - 1) / steps, f"dose {dose:g}")
        noisy = low_dose(full, dose)
        pictures[dose, "low dose"] = noisy
        for model in models:
            progress((len(pictures) - 1) / steps, f"dose {dose:g}, {model}")
            pictures[dose, model] = synthesize("ct-denoise", {"CT": noisy}, model=model).image
    for (dose, name), image in list(pictures.items())[1:]:
        rows.append({"dose": dose, "image": name} | _against(image, full, body))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        draw(pictures, full, out / "ct-denoise.png")
    header = f"{'dose':>5} {'image':<16}" + "".join(f"{t:>10}" for t in COLUMNS.values())
    return (
        {"preset": PRESET, "mask": "body", "data": ARCHIVE.name, "seed": SEED, "rows": rows},
        "\n".join([f"{PRESET}, body mask, {ARCHIVE.name}", header, *map(_line, rows)]),
    )


def low_dose(full: Image, dose: float) -> Image:
    """The image at a fraction of its dose: the scanner's fluence is fitted to its own noise.

    With `KERNEL` the added noise has the texture of the noise that the image already has.
    """
    settings: Mapping[str, Any] = {
        "seed": SEED,
        "kernel": KERNEL,
        "slice_thickness_mm": full.spacing[2],
    }
    scanner = match_fluence(full.voxels, full.spacing[:2], **settings)
    noisy = simulate_low_dose(full.voxels, full.spacing[:2], dose, scanner=scanner, **settings)
    return full.with_voxels(noisy)


def abdomen(data: Path) -> Image:
    """The real abdomen CT that no model was trained on.

    Raises
    ------
    InputError
        If it is not in `data`.
    """
    if not (data / ARCHIVE).is_file():
        raise InputError(f"There is no {ARCHIVE.as_posix()} in {data}; give --data FOLDER.")
    with tempfile.TemporaryDirectory(prefix="synthcore-bench-") as folder:
        with zipfile.ZipFile(data / ARCHIVE) as packed:
            packed.extractall(folder)
        image = read(folder, modality="CT")
    return replace(image, voxels=image.voxels.astype(np.float32))


def _against(image: Image, full: Image, body: Image) -> dict[str, float]:
    scored = evaluate(image, full, preset=PRESET, mask=body).metrics
    tissues = as_metrics(tissue_errors(image.voxels, full.voxels, body.voxels))
    return dict(scored) | dict(tissues) | _texture(image, full)


def _texture(image: Image, full: Image) -> dict[str, float]:
    flat = uniform_soft_tissue(full.voxels)
    found = noise_power(image.voxels, image.spacing, flat)
    return {"noise_hu": found.noise, "nps_mean_frequency_per_mm": found.mean_frequency}


def _line(row: Mapping[str, Any]) -> str:
    values = (f"{row[c]:>10.3f}" if c in row else f"{'':>10}" for c in COLUMNS)
    return f"{row['dose']:>5.2f} {row['image']:<16}" + "".join(values)
