"""`ct-denoise` on a real abdomen at simulated low doses, against a baseline and a published peer.

Beside the error: signed errors of each tissue, how far the noise power spectrum lies from the full
dose's, and how visible faint rods in the liver are to a model observer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from SynthCore.bench.denoise_figure import draw
from SynthCore.engine.synthesize import find_body, synthesize
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.models.library import list_bundles
from SynthCore.quality.ct_numbers import as_metrics, tissue_errors
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.noise_power import noise_power, spectral_distance, uniform_soft_tissue
from SynthCore.request import Progress
from SynthCore.training.denoise import low_contrast
from SynthCore.training.denoise.validate import ABDOMEN, PRESET, SEED, abdomen, low_dose

DOSES = (0.5, 0.25, 0.1, 0.05)
LESION_DOSE = 0.1
MODELS = ("ct-denoise-nlm", "ct-denoise-red-cnn", "ct-denoise-body")
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
    "nps_distance_db": "NPS off dB",
    "nps_shape_db": "shape dB",
}


def table(
    data: Path,
    out: Path | None,
    progress: Progress,
    models: Sequence[str] = MODELS,
    doses: Sequence[float] = DOSES,
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
        Ids to compare; those that are not installed are left out.
    doses : sequence of float
        Fractions of the full dose.

    Raises
    ------
    InputError
        If the abdomen is not in `data`.
    """
    if not (data / ABDOMEN).is_file():
        raise InputError(f"There is no {ABDOMEN.as_posix()} in {data}; give --data FOLDER.")
    installed = {bundle.name for bundle in list_bundles("ct-denoise")[0]}
    models = [model for model in models if model in installed]
    full = abdomen(data)
    body = full.with_voxels(find_body(full))
    rows = [{"dose": 1.0, "image": "full dose"} | _texture(full, full)]
    pictures: dict[tuple[float, str], Image] = {(1.0, "full dose"): full}
    steps = (len(doses) + 1) * (len(models) + 1)
    for dose in doses:
        progress((len(pictures) - 1) / steps, f"dose {dose:g}")
        noisy = low_dose(data, dose)
        pictures[dose, "low dose"] = noisy
        for model in models:
            progress((len(pictures) - 1) / steps, f"dose {dose:g}, {model}")
            pictures[dose, model] = _run(model)(noisy)
    for (dose, name), image in list(pictures.items())[1:]:
        rows.append({"dose": dose, "image": name} | _against(image, full, body))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        draw(pictures, full, out / "ct-denoise.png")
    progress(len(doses) / (len(doses) + 1), "faint rods in the liver")
    rods = low_contrast.visibility(data, LESION_DOSE, {model: _run(model) for model in models})
    header = f"{'dose':>5} {'image':<19}" + "".join(f"{t:>11}" for t in COLUMNS.values())
    found = {"preset": PRESET, "mask": "body", "data": ABDOMEN.name, "seed": SEED, "rows": rows}
    return (
        found | {"low_contrast": {"dose": LESION_DOSE, "rows": low_contrast.as_rows(rods)}},
        "\n".join([
            f"{PRESET}, body mask, {ABDOMEN.name}", header, *map(_line, rows), "",
            f"Dose {LESION_DOSE:g}: {low_contrast.as_text(rods)}",
        ]),
    )  # fmt: skip


def _run(model: str) -> Callable[[Image], Image]:
    return lambda image: synthesize("ct-denoise", {"CT": image}, model=model).image


def _against(image: Image, full: Image, body: Image) -> dict[str, float]:
    scored = evaluate(image, full, preset=PRESET, mask=body).metrics
    tissues = as_metrics(tissue_errors(image.voxels, full.voxels, body.voxels))
    return dict(scored) | dict(tissues) | _texture(image, full)


def _texture(image: Image, full: Image) -> dict[str, float]:
    flat = uniform_soft_tissue(full.voxels)
    found, wanted = (noise_power(one.voxels, one.spacing, flat) for one in (image, full))
    return {
        "noise_hu": found.noise,
        "nps_mean_frequency_per_mm": found.mean_frequency,
        "nps_distance_db": spectral_distance(found, wanted),
        "nps_shape_db": spectral_distance(found, wanted, shape=True),
    }


def _line(row: Mapping[str, Any]) -> str:
    values = (f"{row[c]:>11.3f}" if c in row else f"{'':>11}" for c in COLUMNS)
    return f"{row['dose']:>5.2f} {row['image']:<19}" + "".join(values)
