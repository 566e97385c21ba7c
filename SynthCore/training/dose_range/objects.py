"""Faint things to keep: ellipsoids of a few HU laid into training crops.

Few patients show few lesions. What a network must not smooth away is put in before the noise, so
that keeping it is part of what is learned: from 2 pixels to a large cyst, 3 to 40 HU lighter or
darker than its surroundings, with the edge of a CT's resolution.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

MOST = 4
RADIUS_PIXELS = (2.0, 14.0)
RADIUS_SLICES = (0.5, 6.0)
CONTRAST_HU = (3.0, 40.0)
STRETCH = 0.4
EDGE_PIXELS = 0.45


def draw_objects(rng: np.random.Generator, slices: int, patch: int) -> Float32:
    """Up to `MOST` ellipsoids in HU over nothing, [slice, j, i]."""
    made = np.zeros((slices, patch, patch), dtype=np.float32)
    grid = np.arange(patch, dtype=np.float32)
    for _ in range(int(rng.integers(1, MOST + 1))):
        radius = _log_uniform(rng, RADIUS_PIXELS)
        radius_slices = _log_uniform(rng, RADIUS_SLICES)
        contrast = _log_uniform(rng, CONTRAST_HU) * rng.choice([-1.0, 1.0])
        (j, i), k = rng.uniform(0, patch, 2), rng.uniform(0, slices - 1)
        stretch, angle = math.exp(rng.uniform(-STRETCH, STRETCH)), rng.uniform(0, math.pi)
        dj, di = grid[:, None] - np.float32(j), grid[None, :] - np.float32(i)
        along = (dj * math.cos(angle) + di * math.sin(angle)) / (radius * stretch)
        across = (di * math.cos(angle) - dj * math.sin(angle)) / (radius / stretch)
        plane = along**2 + across**2
        for n in range(slices):
            distance = np.sqrt(plane + ((n - k) / radius_slices) ** 2) - 1
            edge = np.clip(distance * radius / EDGE_PIXELS, -30, 30)
            made[n] += np.float32(contrast) / (1 + np.exp(edge))
    return made


def _log_uniform(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))
