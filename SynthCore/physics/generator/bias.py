"""Smooth fields over a window: the receive coil's shading and the transmit field.

A field is a sum of plane waves longer than the head is wide, which gives the smoothness of a
measured one (Sled and Pike, IEEE Trans Med Imaging 1998;17:653, model shading as a smooth
log-normal field; up to 30 to 40 percent at 3 T), and is cheap: cosines of a sum are sums of
products, so that a window costs one matrix product. Places are in mm from the window's center.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Triple = tuple[float, float, float]
_WAVES = 5


@dataclass(frozen=True)
class Waves:
    """A sum of plane waves.

    Attributes
    ----------
    amplitudes : tuple of float
        Of every wave.
    frequencies : tuple of tuple of float
        Cycles per mm along (k, j, i).
    phases : tuple of float
        Radians.
    """

    amplitudes: tuple[float, ...]
    frequencies: tuple[Triple, ...]
    phases: tuple[float, ...]


@dataclass(frozen=True)
class Coil:
    """A loop beside the body whose signal falls off with depth.

    Attributes
    ----------
    center : tuple of float
        Its place (k, j, i), mm from the window's center.
    radius : float
        Of the loop, mm.
    share : float
        Of the signal that this loop receives.
    """

    center: Triple
    radius: float
    share: float


@dataclass(frozen=True)
class Receive:
    """What multiplies the signal: the exponential of `waves`, and a surface coil's share."""

    waves: Waves
    coil: Coil | None = None


def draw_waves(
    rng: np.random.Generator, deviation: float, wavelength: tuple[float, float]
) -> Waves:
    """Draw a field of standard deviation `deviation`, of wavelengths (mm) in a range."""
    directions = rng.normal(size=(_WAVES, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    frequencies = directions / rng.uniform(*wavelength, size=(_WAVES, 1))
    amplitudes = rng.normal(size=_WAVES) * deviation * np.sqrt(2 / _WAVES)
    return Waves(
        tuple(amplitudes.tolist()),
        tuple((float(k), float(j), float(i)) for k, j, i in frequencies),
        tuple(rng.uniform(0, 2 * np.pi, _WAVES).tolist()),
    )


def draw_receive(rng: np.random.Generator, field_t: float, strength: float) -> Receive:
    """Draw a receive field; `strength` 0 is uniform, 1 the whole range."""
    most = 0.28 if field_t > 2 else 0.2
    waves = draw_waves(rng, strength * rng.uniform(0.02, most), (180.0, 500.0))
    coil = None
    if rng.random() < 0.12:
        direction = rng.normal(size=3)
        center = direction / np.linalg.norm(direction) * rng.uniform(110, 200)
        coil = Coil(
            (float(center[0]), float(center[1]), float(center[2])),
            rng.uniform(80, 150),
            strength * rng.uniform(0.2, 0.7),
        )
    return Receive(waves, coil)


def draw_transmit(rng: np.random.Generator, field_t: float, strength: float) -> Waves:
    """Draw the deviation of the transmit field from 1: about 4% at 1.5 T, 10% at 3 T.

    At 3 T the flip angle in the head spans about 20 to 30 percent to either side (Collins et al.,
    J Magn Reson Imaging 2005;21:192; wavelength about 26 cm in tissue at 128 MHz).
    """
    most = 0.12 if field_t > 2 else 0.05
    return draw_waves(rng, strength * rng.uniform(0.2, 1) * most, (220.0, 450.0))


def wave_field(
    waves: Waves, shape: torch.Size | tuple[int, ...], spacing: Triple, device: torch.device
) -> Tensor:
    """The field on a window's voxels, shape ``(k, j, i)``."""
    k, j, i = (
        torch.from_numpy(_places(n, s)).to(device) for n, s in zip(shape, spacing, strict=True)
    )
    frequency = 2 * np.pi * torch.tensor(waves.frequencies, dtype=torch.float32, device=device)
    phase = torch.tensor(waves.phases, dtype=torch.float32, device=device)
    amplitude = torch.tensor(waves.amplitudes, dtype=torch.float32, device=device)
    along = frequency[:, 0] * k[:, None] + phase
    across = (frequency[:, 1, None, None] * j[:, None] + frequency[:, 2, None, None] * i).flatten(1)
    left = torch.cat([amplitude * torch.cos(along), -amplitude * torch.sin(along)], dim=1)
    right = torch.cat([torch.cos(across), torch.sin(across)])
    return (left @ right).reshape(tuple(shape))


def receive_field(
    receive: Receive, shape: torch.Size | tuple[int, ...], spacing: Triple, device: torch.device
) -> Tensor:
    """What multiplies the signal, shape ``(k, j, i)``.

    A loop's sensitivity on its axis is ``(1 + (d / r)**2)**-1.5`` at distance d (Biot and Savart);
    that is taken in all directions, scaled to 1 at the window's center.
    """
    field = torch.exp(wave_field(receive.waves, shape, spacing, device))
    coil = receive.coil
    if coil is None or coil.share == 0:
        return field
    square: Tensor | float = 0.0
    for axis, (n, s, c) in enumerate(zip(shape, spacing, coil.center, strict=True)):
        offset = torch.from_numpy(((_places(n, s) - np.float32(c)) / coil.radius) ** 2).to(device)
        square = square + offset.reshape([-1 if a == axis else 1 for a in range(3)])
    middle = (1 + sum(c * c for c in coil.center) / coil.radius**2) ** -1.5
    loop = (1 + torch.as_tensor(square)) ** -1.5 / middle
    result: Tensor = field * (1 - coil.share + coil.share * loop)
    return result


def _places(count: int, spacing: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return ((np.arange(count) - (count - 1) / 2) * spacing).astype(np.float32)
