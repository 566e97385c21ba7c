"""Crops of simulated noise: mixed of kernels, blurred, and correlated along the slices at times.

The fields of noise that were simulated for a patient's slabs are few; what varies in practice is
made of them while training. To first order a dose changes the strength of the noise and not its
texture.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Float32 = npt.NDArray[np.float32]
Area = tuple[slice, slice]

MIXED = 0.5
"""How often two kernels' noise is mixed: a spectrum between the two."""

BLURRED = 0.35
BLUR_PIXELS = (0.3, 0.9)
"""How often noise is blurred (softer kernels, interpolation), and the Gaussian's sigma."""

ALONG_SLICES = 0.3
WEIGHT_OF_NEIGHBORS = (0.1, 0.5)
"""How often slices share noise with their neighbors, as overlapping and helical slices do, and
the weight of each neighbor."""

MOST_SHIFT = 2
"""Noise is taken from slices so near to the anatomy's own, so that a slab has more of it."""


def draw_noise(
    rng: np.random.Generator,
    fields: npt.NDArray[np.float16],
    slices: npt.NDArray[np.int64],
    area: Area,
) -> Float32:
    """Noise for neighboring slices, standard deviation about 1 in the body.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides all that is random.
    fields : numpy.ndarray
        [configuration, k, j, i], at least two configurations.
    slices : numpy.ndarray
        Ascending k; a slice that repeats gets the same noise, as it does in use.
    area : tuple of slice
        Rows and columns.

    Returns
    -------
    numpy.ndarray
        [slice, j, i] float32.
    """
    one, other = rng.choice(len(fields), 2, replace=False)
    angle = rng.uniform(0, math.pi / 2) if rng.random() < MIXED else 0.0
    shift = int(rng.integers(-MOST_SHIFT, MOST_SHIFT + 1))
    # one more at each end, for the correlation along the slices
    wide = np.arange(slices[0] - 1, slices[-1] + 2)
    noise = math.cos(angle) * _taken(fields[one], wide + shift, area)
    if angle:
        noise += math.sin(angle) * _taken(fields[other], wide - shift, area)
    noise *= rng.choice([-1.0, 1.0])
    if rng.random() < ALONG_SLICES:
        weight = rng.uniform(*WEIGHT_OF_NEIGHBORS)
        shared = noise[1:-1] + weight * (noise[:-2] + noise[2:])
        noise[1:-1] = shared / math.sqrt(1 + 2 * weight**2)
    noise = noise[1:-1]
    if rng.random() < BLURRED:
        sigma = rng.uniform(*BLUR_PIXELS)
        before = float(noise.std())
        noise = ndimage.gaussian_filter(noise, (0, sigma, sigma))
        noise *= before / max(float(noise.std()), 1e-6)
    found: Float32 = noise[slices - slices[0]].astype(np.float32, copy=False)
    return found


def _taken(field: npt.NDArray[np.float16], slices: npt.NDArray[np.int64], area: Area) -> Float32:
    return np.stack([field[k % len(field)][area] for k in slices]).astype(np.float32)
