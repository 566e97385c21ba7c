"""Slices of a scan: thickness, profile and gap, and the way back onto the window's grid.

A 2D scan has few thick slices with gaps; resampled onto the window's grid it looks like the thick
slices met in practice. Both ways are one matrix along the slice axis. Slices beyond a window's ends
see only what the window holds; make the window larger than what is used of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr
from torch import Tensor

SMOOTH = 0.6
"""Pixel of a wholly filtered k-space over that of a sharp one of about the same resolution: the
filter halves the signal at half of its highest frequency."""

_AS_FINE = 1.05
"""Slices at up to this many times a grid's distance are taken as the grid's own."""

_SOFT = 0.12
"""Width of a slice profile's edges, as a share of its thickness (estimate)."""


@dataclass(frozen=True)
class Resolution:
    """Where the slices lie and how fine they are.

    Attributes
    ----------
    axis : int
        Axis of the window along which slices follow each other.
    thickness : float
        Of a slice, mm.
    distance : float
        From slice to slice, mm: thickness and gap.
    offset : float
        Where the first slice lies, as a share of the distance.
    pixel : tuple of float
        Acquired resolution along the two axes in the slice, mm, in their order.
    taper : float
        Outer share of k-space that is filtered against ringing.
    """

    axis: int
    thickness: float
    distance: float
    offset: float
    pixel: tuple[float, float]
    taper: float

    @property
    def in_plane(self) -> tuple[int, int]:
        """The two axes in the slice."""
        first, second = (axis for axis in range(3) if axis != self.axis)
        return first, second


def draw_resolution(
    rng: np.random.Generator,
    *,
    volume: bool,
    thickness: tuple[float, float] | None = None,
    other_axes: float = 0.0,
    ringing: bool = True,
) -> Resolution:
    """Draw the resolution of a 3D (`volume`) or 2D scan.

    Parameters
    ----------
    rng : numpy.random.Generator
        What is random.
    volume : bool
        Whether a volume is excited: partitions of 0.8 to 1.4 mm without gap. Slices of a 2D scan
        are 2.5 to 6.5 mm thick with gaps of up to 30%, pixels 0.5 to 1.1 mm.
    thickness : tuple of float, optional
        Range to draw from instead, mm.
    other_axes : float
        How often slices follow another axis than the window's first.
    ringing : bool
        Whether k-space ends sharply; otherwise it is filtered until nothing rings.
    """
    axis = 0 if rng.random() >= other_axes else int(rng.integers(1, 3))
    low, high = thickness or ((0.8, 1.4) if volume else (2.5, 6.5))
    thick = rng.uniform(low, high)
    gap = 0.0 if volume else rng.choice([0.0, 0.1, 0.2, 0.3], p=[0.3, 0.35, 0.25, 0.1])
    pixel = rng.uniform(0.8, 1.3) if volume else rng.uniform(0.5, 1.1)
    pixel *= 1.0 if ringing else SMOOTH
    phase = pixel * rng.uniform(1.0, 1.35)  # fewer lines than samples are measured
    first, second = (pixel, phase) if rng.random() < 0.5 else (phase, pixel)
    taper = rng.choice([0.0, rng.uniform(0.1, 0.6)]) if ringing else 1.0
    return Resolution(
        axis, thick, thick * (1 + float(gap)), rng.random(), (first, second), float(taper)
    )


def is_resampled(resolution: Resolution, spacing: float) -> bool:
    """Whether slices are farther apart than those of a grid, and are brought onto it."""
    return resolution.distance > _AS_FINE * spacing


def slice_matrices(
    resolution: Resolution, count: int, spacing: float, device: torch.device
) -> tuple[Tensor, Tensor] | None:
    """Matrices from voxels to slices ``(slices, count)`` and back ``(count, slices)``.

    None where slices are as fine as the grid. Rows sum to 1: a mean is kept.
    """
    if not is_resampled(resolution, spacing):
        return None
    places = np.arange(count) * spacing
    first = -(1 - resolution.offset) * resolution.distance if resolution.offset > 0 else 0.0
    slices = int(np.ceil((places[-1] - first) / resolution.distance)) + 1
    centers = first + resolution.distance * np.arange(max(slices, 1))
    soft = max(_SOFT * resolution.thickness, 0.25 * spacing)
    distance = places[None, :] - centers[:, None]
    half = resolution.thickness / 2
    weight = ndtr((distance + half) / soft) - ndtr((distance - half) / soft)
    # a slice wholly outside the window takes the nearest voxel
    nearest = np.abs(distance) == np.abs(distance).min(axis=1, keepdims=True)
    weight = weight + 1e-6 * nearest
    weight /= weight.sum(axis=1, keepdims=True)
    back = np.clip(1 - np.abs(places[:, None] - centers[None, :]) / resolution.distance, 0, None)
    back /= back.sum(axis=1, keepdims=True)
    return (
        torch.from_numpy(weight.astype(np.float32)).to(device),
        torch.from_numpy(back.astype(np.float32)).to(device),
    )
