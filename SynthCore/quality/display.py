"""Windows: which values a picture shows between black and white.

CT windows are the customary ones, chosen by what the body holds, and printed on every picture.
MR and other arbitrary units are shown between percentiles of the body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Window:
    """Values shown as black (`low`) and white (`high`), what to print, and the window's name."""

    low: float
    high: float
    label: str
    name: str = ""


def ct_window(name: str, center: float, width: float) -> Window:
    """Make a window from center and width in HU."""
    return Window(center - width / 2, center + width / 2, f"W {width:g} L {center:g}", name)


SOFT_TISSUE = ct_window("soft tissue", 40, 400)
LUNG = ct_window("lung", -600, 1500)
BONE = ct_window("bone", 500, 2000)

LUNG_HU = (-950.0, -500.0)
LUNG_SHARE = 0.08
"""Of the body: above it a CT is a chest and is shown in the lung window too."""


def windows_of(image: Image, body: Mask) -> tuple[Window, ...]:
    """Choose the windows of an image, the main one first.

    Parameters
    ----------
    image : Image
        In HU: soft tissue, then lung where the body holds enough of it, else bone. In any other
        unit: from the 0.5 percentile of the body to the 99.5th, so that a bright lesion keeps its
        inside, but no farther than 1.5 times the way to the 97.5th, so that vessels with contrast
        agent and the fat of a scalp do not darken the brain.
    body : numpy.ndarray of bool
        Shape ``(k, j, i)``; may be empty.
    """
    values = image.voxels[body] if body.any() else image.voxels.ravel()
    values = values[np.isfinite(values)]
    if image.unit == "HU":
        lung = ((values > LUNG_HU[0]) & (values < LUNG_HU[1])).mean() if values.size else 0.0
        return SOFT_TISSUE, LUNG if lung > LUNG_SHARE else BONE
    at = np.percentile(values, (0.5, 97.5, 99.5)) if values.size else np.zeros(3)
    low, most, high = (float(value) for value in at)
    low = min(low, 0.0)  # magnitudes start at zero
    high = min(high, low + 1.5 * (most - low))
    if high <= low:
        high = low + 1.0
    return (Window(low, high, f"{_number(low, high - low)} to {_number(high, high - low)}"),)


def difference_limit(difference: Voxels, region: Mask) -> float:
    """Choose the end of a difference's colors: the 90th percentile of its magnitude in a region.

    Rounded up to 1, 2 or 5 times a power of 10. What lies beyond is shown in the end's color.
    """
    values = np.abs(difference[region] if region.any() else difference)
    values = values[np.isfinite(values)]  # what is not known has no difference
    top = float(np.percentile(values, 90)) if values.size else 0.0
    if not np.isfinite(top) or top <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(top))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= top * 0.999))


def _number(value: float, span: float) -> str:
    # no minus before a zero
    return f"{round(value) + 0.0:.0f}" if span >= 20 else f"{round(value, 9) + 0.0:.3g}"
