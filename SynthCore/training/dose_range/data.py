"""The slabs of the denoising recipe, drawn at a range of doses toward the full dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SynthCore.request import Progress
from SynthCore.training.denoise import slabs
from SynthCore.training.denoise.data import DenoiseData
from SynthCore.training.denoise.slabs import CHANGE_SCALE_HU
from SynthCore.training.dose_range.sampler import DoseRangeSampler
from SynthCore.training.recipe import Recipe


@dataclass
class DoseRangeData(DenoiseData):
    """The same patients and figures; other crops."""

    def block(self) -> Mapping[str, Any]:
        """The fixed part of the card: the whole change is made, whatever the noise."""
        block = dict(super().block())
        output = {k: v for k, v in block["output"].items() if k != "full_dose_hu"}
        return block | {"output": output | {"scale": CHANGE_SCALE_HU}}


def open_data(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> DoseRangeData:
    """The slabs; their noise is kept in `cache`."""
    found = slabs.load(recipe, data, cache / "noise", seed, progress)
    drawn = DoseRangeSampler(found, recipe.slices, recipe.batch, recipe.patch)
    return DoseRangeData(recipe, data, drawn, full_dose_hu=None)
