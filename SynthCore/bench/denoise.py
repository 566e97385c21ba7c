"""`ct-denoise` on a real abdomen at simulated low doses, against the noisy image and a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from SynthCore.bench.denoise_figure import draw
from SynthCore.engine.synthesize import find_body, synthesize
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.quality.ct_numbers import as_metrics, tissue_errors
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.noise_power import noise_power, uniform_soft_tissue
from SynthCore.request import Progress
from SynthCore.training.denoise.validate import ABDOMEN, PRESET, SEED, abdomen, low_dose

DOSES = (0.25, 0.1)
MODELS = ("ct-denoise-nlm", "ct-denoise-body")
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
    if not (data / ABDOMEN).is_file():
        raise InputError(f"There is no {ABDOMEN.as_posix()} in {data}; give --data FOLDER.")
    full = abdomen(data)
    body = full.with_voxels(find_body(full))
    rows = [{"dose": 1.0, "image": "full dose"} | _texture(full, full)]
    pictures: dict[tuple[float, str], Image] = {(1.0, "full dose"): full}
    steps = len(DOSES) * (len(models) + 1)
    for dose in DOSES:
        progress((len(pictures) - 1) / steps, f"dose {dose:g}")
        noisy = low_dose(data, dose)
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
        {"preset": PRESET, "mask": "body", "data": ABDOMEN.name, "seed": SEED, "rows": rows},
        "\n".join([f"{PRESET}, body mask, {ABDOMEN.name}", header, *map(_line, rows)]),
    )


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
