"""Filtered back-projection of many slices at once in the geometry of `fan`."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from SynthCore.physics.cone_beam.fan import Fan, circle, from_center

_VIEWS_AT_ONCE = 16


def filter_views(
    integrals: Tensor, fan: Fan, cutoff_per_mm: float, extension_mm: float = 0.0
) -> Tensor:
    """Weight and ramp-filter every view.

    Parameters
    ----------
    integrals : Tensor
        Shape ``(views, rays, slices)``.
    fan : Fan
        Rays.
    cutoff_per_mm : float
        Where the Hann window on the ramp reaches zero.
    extension_mm : float
        A view that ends inside the patient is continued by its last value, falling to zero over
        this distance along a cosine; without it the sudden end makes a bright rim.

    Returns
    -------
    Tensor
        Shape ``(views, rays, slices)``.
    """
    places = fan.places(integrals.device)
    cosine = fan.source_mm / torch.sqrt(fan.source_mm**2 + places**2)
    weighted = integrals * cosine[None, :, None]
    margin = round(extension_mm / fan.pitch_mm)
    if margin:
        ramp = torch.arange(1, margin + 1, device=integrals.device) / (margin + 1)
        fall = (0.5 * (1 + torch.cos(math.pi * ramp)))[None, :, None]
        weighted = torch.cat(
            [weighted[:, :1] * fall.flip(1), weighted, weighted[:, -1:] * fall], dim=1
        )
    length = 2 ** math.ceil(math.log2(2 * weighted.shape[1]))
    response = _ramp(length, fan.pitch_mm, integrals.device)
    frequency = torch.fft.rfftfreq(length, d=fan.pitch_mm, device=integrals.device)
    window = 0.5 * (1 + torch.cos(math.pi * frequency / cutoff_per_mm))
    response = response * torch.where(frequency < cutoff_per_mm, window, 0.0)
    spectrum = torch.fft.rfft(weighted, n=length, dim=1) * response[None, :, None]
    filtered: Tensor = torch.fft.irfft(spectrum, n=length, dim=1)
    return filtered[:, margin : margin + fan.rays].contiguous()


def _ramp(length: int, pitch: float, device: torch.device) -> Tensor:
    """Response of the band-limited ramp sampled in space, free of the offset that |f| would have.

    Kak and Slaney, equation (61) of chapter 3.
    """
    n = torch.cat([torch.arange(0, length // 2), torch.arange(-(length // 2), 0)]).double()
    taps = torch.where(n % 2 != 0, -1.0 / (math.pi * n.clamp(min=-length) * pitch) ** 2, 0.0)
    taps[0] = 1.0 / (4 * pitch**2)
    response: Tensor = torch.fft.rfft(taps).real * pitch
    return response.float().to(device)


def back_project(
    filtered: Tensor, fan: Fan, shape: tuple[int, int], spacing_mm: tuple[float, float]
) -> Tensor:
    """Back-project what `filter_views` returns.

    Parameters
    ----------
    filtered : Tensor
        Shape ``(views, rays, slices)``.
    fan : Fan
        Rays.
    shape : tuple of int
        Pixels along (j, i).
    spacing_mm : tuple of float
        Distance of pixels along (j, i).

    Returns
    -------
    Tensor
        Shape ``(j, i, slices)``, attenuation per mm; zero outside the circle that all views see.
    """
    rows, columns = shape
    device, count = filtered.device, filtered.shape[2]
    inside = circle(fan, shape, spacing_mm, device).reshape(-1)
    down, across = from_center(fan, shape, spacing_mm, device)
    y, x = torch.meshgrid(down, across, indexing="ij")
    x, y = x.reshape(-1)[inside], y.reshape(-1)[inside]
    made = torch.zeros(x.shape[0], count, device=device)
    for first in range(0, fan.views, _VIEWS_AT_ONCE):
        views = range(first, min(first + _VIEWS_AT_ONCE, fan.views))
        index, weight = [], []
        for n, view in enumerate(views):
            along, toward = fan.axes(view)
            depth = 1 + (x * toward[0] + y * toward[1]) / fan.source_mm
            place = (x * along[0] + y * along[1]) / (depth * fan.pitch_mm) + (fan.rays - 1) / 2
            place = place.clamp(0, fan.rays - 1.001)
            low = place.long()
            share, strength = place - low, 1 / depth**2
            index += [n * fan.rays + low, n * fan.rays + low + 1]
            weight += [(1 - share) * strength, share * strength]
        made += functional.embedding_bag(
            torch.stack(index, dim=1),
            filtered[first : views.stop].reshape(-1, count),
            mode="sum",
            per_sample_weights=torch.stack(weight, dim=1),
        )
    image = torch.zeros(rows * columns, count, device=device)
    # every line is seen twice in a full turn: half of 2 pi / views
    image[inside] = made * (math.pi / fan.views)
    return image.reshape(rows, columns, count)
