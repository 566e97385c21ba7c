"""Names and units of metrics, and numbers as a report prints them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from SynthCore.quality.ct_numbers import TISSUES

_NAMES = {
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
}
_UNITS = {"hu": "HU", "db": "dB"}


def metric_name(key: str) -> str:
    """Name a metric for a person: ``mae_soft_tissue_hu`` is ``MAE, soft tissue``."""
    stem = _stem(key)
    if stem in _NAMES:
        return _NAMES[stem]
    for tissue in TISSUES:
        if stem.endswith(f"_{tissue.name}") and stem[: -len(tissue.name) - 1] in _NAMES:
            return f"{_NAMES[stem[: -len(tissue.name) - 1]]}, {tissue.title.lower()}"
    return stem.replace("_", " ")


def metric_value(key: str, value: Any) -> str:
    """Write a metric with its unit, a sign where it is signed, and digits that mean something."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "not defined" if value is None else str(value)
    if math.isnan(value):
        return "not defined"
    if math.isinf(value):
        return "infinite (equal images)"
    unit = _UNITS.get(key.rsplit("_", 1)[-1], "")
    small = "2g" if 0 < abs(value) < 0.1 else "3f"
    form = {"HU": "1f", "dB": "1f"}.get(unit, small)
    sign = "+" if _stem(key).split("_")[0] == "me" else ""
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


def _stem(key: str) -> str:
    head, _, tail = key.rpartition("_")
    return head if head and tail in _UNITS else key
