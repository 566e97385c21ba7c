"""Names and units of metrics, and numbers as a report prints them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from SynthCore.quality.ct_numbers import TISSUES
from SynthCore.tasks import ROLES

_NAMES = {
    # of an evaluation
    "mae": "MAE",
    "me": "Mean signed error",
    "mse": "MSE",
    "rmse": "RMSE",
    "psnr": "PSNR",
    "ssim": "SSIM",
    "ssim_lesion": "SSIM in the lesion",
    "ssim_rest": "SSIM in the rest of the body",
    "ms_ssim": "MS-SSIM",
    "vif": "VIF",
    "vif_published": "VIF, images exchanged as in the published figures",
    "dice_bone": "Bone Dice (above 200 HU)",
    "dice_body": "Body Dice",
    # of a card
    "me_soft": "Mean signed error, soft tissue",
    "mae_3d": "MAE, mask eroded across slices as well",
    "bone_dice": "Bone Dice (above 200 HU)",
    "bone_dice_body": "Bone Dice, cortical bone included",
    "vault_dice": "Bone Dice above the orbits",
    "soft": "Median of brain",
    "brain": "Median of brain",
    "bone": "Median of bone",
    "median_bone": "Median of bone",
    "air": "Median of air",
    "holes": "Rays through the skull without bone",
    "largest_holes": "Rays through the skull without bone, most",
    "noise": "Noise",
    "nps_distance": "Noise power spectrum, distance from full dose",
    "contrast": "Contrast of the lesion",
    "contrast_real": "Contrast of the lesion, real image",
    "d_prime": "Detectability d'",
    "d_prime_low": "Detectability d', lower limit",
    "d_prime_high": "Detectability d', upper limit",
    "over_full_dose": "d' less that at full dose",
    "over_full_dose_low": "d' less that at full dose, lower limit",
    "over_full_dose_high": "d' less that at full dose, upper limit",
    "most_d_prime": "d' of the prewhitening observer",
    "psnr_given": "PSNR on the card's scale",
    "psnr_whole": "PSNR with the background",
    "psnr_lesion": "PSNR in the lesion",
    "psnr_sd": "PSNR, standard deviation",
    "ssim_whole": "SSIM with the background",
    "ssim_sd": "SSIM, standard deviation",
    "border": "Gradient at the border, relative to real",
}
_UNITS = {"hu": "HU", "db": "dB", "percent": "%"}


def metric_name(key: str) -> str:
    """Name a metric for a person: ``mae_soft_tissue_hu`` is ``MAE, soft tissue``."""
    stem, _, role = _parts(key)
    of = f", {role}" if role else ""
    if stem in _NAMES:
        return _NAMES[stem] + of
    for tissue in TISSUES:
        if stem.endswith(f"_{tissue.name}") and stem[: -len(tissue.name) - 1] in _NAMES:
            return f"{_NAMES[stem[: -len(tissue.name) - 1]]}, {tissue.title.lower()}{of}"
    return stem.replace("_", " ") + of


def metric_with_unit(key: str) -> str:
    """Head a row of bare numbers: ``psnr_db`` is ``PSNR (dB)``."""
    name, unit = metric_name(key), _parts(key)[1]
    return f"{name} ({unit})" if unit else name


def metric_value(key: str, value: Any) -> str:
    """Write a metric with its unit, a sign where it is signed, and digits that mean something."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "not defined" if value is None else str(value)
    if math.isnan(value):
        return "not defined"
    if math.isinf(value):
        return "infinite (equal images)"
    stem, unit, _ = _parts(key)
    small = "2g" if 0 < abs(value) < 0.1 else "3f"
    form = {"HU": "1f", "dB": "1f", "%": "3g"}.get(unit, small)
    sign = "+" if stem.split("_")[0] == "me" else ""
    if float(f"{value:.{form}}") == 0:
        value, sign = 0.0, ""  # neither +0.0 nor -0.0
    return f"{value:{sign}.{form}} {unit}".strip().replace("-", "\N{MINUS SIGN}", 1)


def number(value: Any) -> str:
    """Write a number shortly; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    return f"{value:.4g}"


def whole(value: float) -> str:
    """Write a number without decimals, with a true minus sign."""
    return f"{value:.0f}".replace("-", "\N{MINUS SIGN}")


def moment(text: str) -> str:
    """Write an ISO 8601 time for a person; text that is none stays as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    if at.tzinfo is not None:
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{at:%Y-%m-%d %H:%M}"


def interval(pair: Any) -> str:
    """Write a clip range."""
    if isinstance(pair, list | tuple) and len(pair) == 2:
        return f"[{number(pair[0])}, {number(pair[1])}]".replace("-", "\N{MINUS SIGN}")
    return "none"


def _parts(key: str) -> tuple[str, str, str]:
    """What is measured, its unit, and the role it was measured in, where a key names one."""
    words = key.split("_")
    role = words.pop() if len(words) > 1 and words[-1] in ROLES else ""
    units = [word for word in words[1:] if word in _UNITS]
    stem = "_".join([words[0], *(word for word in words[1:] if word not in _UNITS)])
    unit = _UNITS[units[0]] if units else "dB" if words[0] == "psnr" else ""
    return stem, unit, role
