"""Non-local means for a noisy CT (Buades, Coll and Morel, CVPR 2005)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.restoration import denoise_nl_means

from SynthCore.models.classical.base import Float32, Job
from SynthCore.physics.ct_noise_level import all_alike

SOFT_HU = (-150.0, 250.0)
"""Sigma is estimated in soft tissue and fat, where structure is rare and noise is seen."""

BACKGROUND_PIXELS = 2.5
"""Sigma of the Gaussian that is taken as the anatomy when noise is estimated. CT noise is
correlated over a few pixels, so estimates from the finest scale alone come out too low."""

ALIKE_PIXELS = 5
"""Where so many by so many pixels have one value, it was filled in."""


@dataclass(frozen=True)
class NonLocalMeans:
    """Slice by slice, with sigma estimated in each slice's soft tissue.

    Attributes
    ----------
    strength : float
        The filter's h in units of sigma.
    patch_size, patch_distance : int
        In pixels.
    """

    strength: float = 0.25
    patch_size: int = 5
    patch_distance: int = 6

    def __post_init__(self) -> None:
        if not (
            self.strength > 0 and 1 <= self.patch_size <= 31 and 1 <= self.patch_distance <= 31
        ):
            raise ValueError("strength must be above 0, patch_size and patch_distance 1 to 31")

    def __call__(self, job: Job) -> Float32:
        """The same CT with less noise, in HU."""
        (image,) = job.inputs.values()
        voxels = image.voxels.astype(np.float32)
        out = np.empty_like(voxels)
        for k in job.steps(range(len(voxels)), len(voxels), "non-local means"):
            sigma = noise_level(voxels[k])
            out[k] = denoise_nl_means(
                voxels[k],
                patch_size=self.patch_size,
                patch_distance=self.patch_distance,
                h=max(self.strength * sigma, 1e-3),
                sigma=sigma,
                fast_mode=True,
                preserve_range=True,
            ).reshape(voxels[k].shape)  # scikit-image drops a side of one pixel
        return out


def noise_level(plane: Float32) -> float:
    """Standard deviation of the noise in a CT slice [j, i], in HU.

    By the median absolute deviation from a smoothed slice, in soft tissue (1.4826 makes it a
    standard deviation for normal noise: Rousseeuw and Croux, JASA 88, 1993). What was filled with
    one value like that of soft tissue does not count.
    """
    smooth = ndimage.gaussian_filter(plane, BACKGROUND_PIXELS)
    soft = (smooth > SOFT_HU[0]) & (smooth < SOFT_HU[1]) & ~all_alike(plane, [ALIKE_PIXELS] * 2)
    if not soft.any():
        return 0.0
    return 1.4826 * float(np.median(np.abs((plane - smooth)[soft])))
