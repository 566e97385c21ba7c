"""How close a synthetic sequence is to the one acquired, in the whole image, brain and lesion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.quality.intensity import psnr
from SynthCore.quality.ssim import ssim_map
from SynthCore.training.sequence.studies import TOP_PERCENTILE

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

RING_VOXELS = (2, 6)
"""What surrounds a lesion: so many voxels from it."""


@dataclass(frozen=True)
class Score:
    """One synthetic image against the real one; both clipped and scaled to 0 to 1.

    Attributes
    ----------
    psnr, ssim : float
        In the brain; the synthetic image is scaled by its own 99.5th percentile in the brain.
    psnr_given : float
        The same, with the synthetic image in the scale that its model says (1000 is 1).
    psnr_whole, ssim_whole : float
        As the first two, over the whole image with its background.
    psnr_lesion : float
        In the lesion; NaN where there is none.
    contrast, contrast_real : float
        Mean of the lesion less that of what surrounds it, of the synthetic and the real image.
    """

    psnr: float
    ssim: float
    psnr_given: float
    psnr_whole: float
    ssim_whole: float
    psnr_lesion: float
    contrast: float
    contrast_real: float


def scaled(image: Floats, brain: Bools) -> Floats:
    """Clipped at the 99.5th percentile in the brain, scaled to 1, 0 outside of the brain."""
    top = max(float(np.percentile(image[brain], TOP_PERCENTILE)), 1e-6)
    return np.asarray(np.clip(image / np.float32(top), 0, 1) * brain, dtype=np.float32)


def score(made: Floats, real: Floats, brain: Bools, lesion: Bools) -> Score:
    """Compare two images [k, j, i].

    Parameters
    ----------
    made : numpy.ndarray
        In the scale that its model says: 1 is the 99.5th percentile in the brain.
    real : numpy.ndarray
        In any unit.
    brain, lesion : numpy.ndarray of bool
        [k, j, i].
    """
    truth, own = scaled(real, brain), scaled(made, brain)
    given = np.asarray(np.clip(made, 0, 1) * brain, dtype=np.float32)
    own_map = ssim_map(own, truth, 1.0)
    contrast, contrast_real = _contrast(own, brain, lesion), _contrast(truth, brain, lesion)
    return Score(
        psnr=psnr(own, truth, 1.0, brain),
        ssim=float(own_map[brain].mean()),
        psnr_given=psnr(given, truth, 1.0, brain),
        psnr_whole=psnr(own, truth, 1.0, np.ones_like(brain)),
        ssim_whole=float(own_map.mean()),
        psnr_lesion=psnr(own, truth, 1.0, lesion) if lesion.any() else float("nan"),
        contrast=contrast,
        contrast_real=contrast_real,
    )


def _contrast(image: Floats, brain: Bools, lesion: Bools) -> float:
    if not lesion.any():
        return float("nan")
    near, far = (ndimage.binary_dilation(lesion, iterations=n) for n in RING_VOXELS)
    ring = far & ~near & brain
    return float(image[lesion].mean() - image[ring].mean())
