"""Fan-beam geometry, and projection of many slices at once.

A source turns once around the center of the slice at distance `source_mm`; view `v` of `n` has the
angle ``b = 2 pi v / n``. A ray is named by the view and the place `s` (mm) where it crosses the
line through the center along ``e = (cos b, sin b)``, the virtual detector; the source lies at
``-source_mm * (-sin b, cos b)``. Slices are projected and reconstructed one by one in this geometry
as if each lay in the central plane: FDK without the tilt of the cone, which is exact in the central
plane and lacks the cone's own artifacts away from it.

Volumes are held as [pixel, slice], so that one index computation serves all slices.

References
----------
Joseph, IEEE Trans Med Imaging 1982;1:192 (projection by linear interpolation along one axis).
Kak and Slaney, Principles of Computerized Tomographic Imaging, 1988, section 3.4.2 (equispaced
fan beam); Feldkamp, Davis and Kress, J Opt Soc Am A 1984;1:612 (its extension to the cone).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Fan:
    """Rays of a full turn.

    Attributes
    ----------
    views : int
        Over a full turn.
    source_mm : float
        Source to center; 1000 mm on treatment machines.
    pitch_mm : float
        Distance of neighboring rays at the center.
    rays : int
        Per view, centered.
    center_mm : tuple of float
        (x, y) of the center of rotation from the middle of the slice.
    """

    views: int
    source_mm: float
    pitch_mm: float
    rays: int
    center_mm: tuple[float, float] = (0.0, 0.0)

    def places(self, device: torch.device) -> Tensor:
        """Place `s` (mm) of every ray, shape ``(rays,)``."""
        index = torch.arange(self.rays, device=device, dtype=torch.float32)
        return (index - (self.rays - 1) / 2) * self.pitch_mm

    def axes(self, view: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Unit vectors (x, y) along the detector and from the source to the center."""
        angle = 2 * math.pi * view / self.views
        cosine, sine = math.cos(angle), math.sin(angle)
        return (cosine, sine), (-sine, cosine)

    @property
    def radius_mm(self) -> float:
        """Radius of the circle that every view sees whole."""
        reach = self.pitch_mm * self.rays / 2
        return self.source_mm * reach / math.hypot(self.source_mm, reach)


def project(
    volume: Tensor, spacing_mm: tuple[float, float], fan: Fan, shift_mm: Tensor | None = None
) -> Tensor:
    """Line integrals of slices.

    Parameters
    ----------
    volume : Tensor
        Shape ``(j, i, slices)``, attenuation per mm; nothing lies outside.
    spacing_mm : tuple of float
        Distance of pixels along (j, i).
    fan : Fan
        Rays.
    shift_mm : Tensor, optional
        Shape ``(views, 2)``: how far the slices lie from their place, (x, y), in each view.

    Returns
    -------
    Tensor
        Shape ``(views, rays, slices)``, no unit.
    """
    rows, columns, count = volume.shape
    table = volume.reshape(rows * columns, count).contiguous()
    places = fan.places(volume.device)
    made = torch.empty(fan.views, fan.rays, count, device=volume.device)
    for view in range(fan.views):
        moved = (0.0, 0.0) if shift_mm is None else shift_mm[view].tolist()
        shift = (moved[0] - fan.center_mm[0], moved[1] - fan.center_mm[1])
        index, weight = _along_rays(places, fan, view, (rows, columns), spacing_mm, shift)
        made[view] = functional.embedding_bag(index, table, mode="sum", per_sample_weights=weight)
    return made


def _along_rays(
    places: Tensor,
    fan: Fan,
    view: int,
    shape: tuple[int, int],
    spacing: tuple[float, float],
    shift: tuple[float, float],
) -> tuple[Tensor, Tensor]:
    """Pixels that every ray passes and their share in mm, each [rays, 2 steps]."""
    along, toward = fan.axes(view)
    rows, columns = shape
    source = (-fan.source_mm * toward[0] - shift[0], -fan.source_mm * toward[1] - shift[1])
    x = (places * along[0] - shift[0] - source[0])[:, None]
    y = (places * along[1] - shift[1] - source[1])[:, None]
    length = torch.sqrt(x * x + y * y)
    # every ray steps through columns or rows, whichever it crosses faster
    by_column = (x.abs() / spacing[1]) >= (y.abs() / spacing[0])
    step = torch.arange(max(rows, columns), device=places.device, dtype=torch.float32)[None]
    at = torch.where(
        by_column, (step - (columns - 1) / 2) * spacing[1], (step - (rows - 1) / 2) * spacing[0]
    )
    main, side = torch.where(by_column, x, y), torch.where(by_column, y, x)
    start = torch.where(by_column, source[0], source[1])
    other = torch.where(by_column, source[1], source[0])
    pixel = torch.where(by_column, spacing[0], spacing[1])
    last = torch.where(by_column, rows - 1, columns - 1)
    place = (other + (at - start) * (side / main)) / pixel + last / 2
    low = torch.floor(place)
    share = place - low
    first = low.long()
    steps = step.long()
    size = torch.where(by_column, columns, rows)
    mm = torch.where(by_column, spacing[1], spacing[0]) * length / main.abs()
    stride = torch.where(by_column, columns, 1)
    base = torch.where(by_column, steps, steps * columns)
    indices, weights = [], []
    for n, part in ((first, 1 - share), (first + 1, share)):
        inside = (n >= 0) & (n <= last) & (steps < size)
        indices.append(torch.where(inside, base + n * stride, 0))
        weights.append(torch.where(inside, part * mm, 0.0))
    return torch.cat(indices, dim=1), torch.cat(weights, dim=1)


def circle(
    fan: Fan, shape: tuple[int, int], spacing_mm: tuple[float, float], device: torch.device
) -> Tensor:
    """Pixels [j, i] inside the circle that all views see, bool."""
    y, x = from_center(fan, shape, spacing_mm, device)
    return (y[:, None] ** 2 + x[None, :] ** 2) < fan.radius_mm**2


def from_center(
    fan: Fan, shape: tuple[int, int], spacing_mm: tuple[float, float], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Distances (mm) of rows and columns from the center of rotation."""
    rows, columns = (
        (torch.arange(n, device=device) - (n - 1) / 2) * step
        for n, step in zip(shape, spacing_mm, strict=True)
    )
    return rows - fan.center_mm[1], columns - fan.center_mm[0]
