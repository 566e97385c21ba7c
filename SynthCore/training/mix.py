"""Batches out of several sources: generated and real images side by side in every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from SynthCore.training.cases import Batch, Sampler


@dataclass(frozen=True)
class Together:
    """One batch of each source, laid together; their batch sizes are their shares.

    Every step sees all sources, so that batch normalization never sees one alone.
    """

    sources: Sequence[Sampler]

    @property
    def patients(self) -> list[str]:
        """Everyone who can be drawn, from any source."""
        return sorted({patient for source in self.sources for patient in source.patients})

    def draw(self, rng: np.random.Generator) -> Batch:
        """One batch; the sources draw in turn from one stream."""
        drawn = [source.draw(rng) for source in self.sources]
        return Batch(
            torch.cat([batch.x for batch in drawn]),
            torch.cat([batch.y for batch in drawn]),
            torch.cat([batch.weight for batch in drawn]),
        )
