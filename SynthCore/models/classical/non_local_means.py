"""Non-local means for a noisy CT (Buades, Coll and Morel, CVPR 2005)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from skimage.restoration import denoise_nl_means, estimate_sigma

from SynthCore.models.classical.base import Float32, Job

LOWEST_HU, HIGHEST_HU = -1024.0, 1500.0
"""Sigma is estimated between these: metal would count as noise."""


@dataclass(frozen=True)
class NonLocalMeans:
    """Slice by slice, with sigma estimated from each slice's finest wavelets.

    Attributes
    ----------
    strength : float
        The filter's h in units of sigma.
    patch_size, patch_distance : int
        In pixels.
    """

    strength: float = 0.8
    patch_size: int = 5
    patch_distance: int = 6

    def __call__(self, job: Job) -> Float32:
        """The same CT with less noise, in HU."""
        (image,) = job.inputs.values()
        voxels = image.voxels.astype(np.float32)
        out = np.empty_like(voxels)
        for k in job.steps(range(len(voxels)), len(voxels), "non-local means"):
            sigma = float(estimate_sigma(np.clip(voxels[k], LOWEST_HU, HIGHEST_HU)))
            out[k] = denoise_nl_means(
                voxels[k],
                patch_size=self.patch_size,
                patch_distance=self.patch_distance,
                h=max(self.strength * sigma, 1e-3),
                sigma=sigma,
                fast_mode=True,
                preserve_range=True,
            )
        return out
