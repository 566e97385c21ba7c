"""What an evaluation found, with everything it depends on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Evaluation:
    """Metrics, and what they mean.

    Attributes
    ----------
    preset : str
        Name of the preset.
    metrics : mapping of str to float
        NaN where a metric is not defined (SSIM of three slices), infinite for the PSNR of equal
        images. Errors are synthetic minus reference.
    mask : str
        Which voxels count for which metric.
    clip : tuple of float or None
        Range both images are clipped to by the metrics that clip.
    data_range : float
        Of PSNR and SSIM.
    voxels : int
        In the mask.
    window : str
        Window of SSIM.
    unit : str
        ``HU`` or ``1``.
    notes : tuple of str
        What was done on the way: resampling, voxels that were left out, what reading the files
        found.
    """

    preset: str
    metrics: Mapping[str, float]
    mask: str
    clip: tuple[float, float] | None
    data_range: float
    voxels: int
    window: str = ""
    unit: str = "1"
    notes: tuple[str, ...] = ()

    def to_json_dict(self) -> dict[str, Any]:
        """Give what the command line prints; a metric that is not a finite number is null."""
        return {
            "preset": self.preset,
            "metrics": {k: v if math.isfinite(v) else None for k, v in self.metrics.items()},
            "mask": self.mask,
            "clip": None if self.clip is None else list(self.clip),
            "data_range": self.data_range,
            "voxels": self.voxels,
            "window": self.window,
            "notes": list(self.notes),
        }
