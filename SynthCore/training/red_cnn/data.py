"""The data of the denoising recipe, and what the card says of the peer trained on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SynthCore.request import Progress
from SynthCore.training.cards import NOT_CLEARED
from SynthCore.training.denoise.data import DenoiseData
from SynthCore.training.denoise.data import open_data as open_denoise_data
from SynthCore.training.recipe import Recipe


@dataclass
class PeerData(DenoiseData):
    """The same patients, crops and figures; another network."""

    def block(self) -> Mapping[str, Any]:
        """The fixed part of the card."""
        return {
            **super().block(),
            "network": f"RED-CNN (Chen et al. 2017) of width {self.recipe.widths[0]}",
            "intended_use": "A published network for low-dose CT, trained on the same data as "
            "ct-denoise-body to compare it with. " + NOT_CLEARED,
            "known_failures": [
                "It sees one slice, and a third of the width of the published network.",
                "Trained on simulated noise, not on measured low-dose scans.",
                "Low contrast at the size of the noise's grain is smoothed away.",
            ],
        }


def open_data(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> PeerData:
    """The slabs; their noise is kept in `cache`."""
    found = open_denoise_data(recipe, data, cache, seed, progress)
    return PeerData(recipe, data, found.drawn)
