"""Noise of magnitude images: Rician of one coil, non-central chi of several.

Thermal noise is Gaussian in both channels of every coil. The magnitude of one coil is Rician
(Gudbjartsson and Patz, Magn Reson Med 1995;34:910); the root of the sum of squares of n coils is
non-central chi with 2 n degrees of freedom (Constantinides et al., Magn Reson Med 1997;38:852).
The coils' other 2 n - 2 channels hold noise alone; their sum of squares is drawn through the cube
root, which is nearly Gaussian (Wilson and Hilferty, Proc Natl Acad Sci 1931;17:684).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Noise:
    """Noise of a scan.

    Attributes
    ----------
    snr : float
        Signal of a reference tissue over the standard deviation of one channel.
    coils : int
        Coils combined by the sum of squares; 1 also stands for an adaptive combination.
    seed : int
        Of the noise's own stream.
    """

    snr: float
    coils: int
    seed: int


def draw_noise(rng: np.random.Generator, strength: float) -> Noise:
    """Draw noise; at strength 1 the reference tissue has an SNR of 12 to 80, mostly 20 to 50."""
    snr = float(np.exp(rng.uniform(np.log(12), np.log(80))))
    coils = int(rng.choice([1, 1, 1, 2, 4, 8]))
    seed = int(rng.integers(2**31))
    return Noise(snr / max(strength, 1e-3), coils, seed)


def noisy_magnitude(
    signal: Tensor,
    sigma: float,
    noise: Noise,
    measured: Callable[[Tensor], Tensor] | None = None,
    quadrature: Tensor | None = None,
) -> Tensor:
    """Magnitude of a signal with noise.

    Parameters
    ----------
    signal : torch.Tensor
        Real part of the signal, any shape; signs are kept until the magnitude is taken.
    sigma : float
        Standard deviation of one channel before `measured`.
    noise : Noise
        Coils and seed. The stream belongs to the seed and the kind of device.
    measured : callable, optional
        Linear: what the scanner's resolution does to white noise and to the signal alike.
    quadrature : torch.Tensor, optional
        Imaginary part of the signal.

    Returns
    -------
    torch.Tensor
        Same shape, at least 0.
    """
    stream = torch.Generator(signal.device).manual_seed(noise.seed)
    keep = measured or _same

    def white() -> Tensor:
        return torch.randn(signal.shape, generator=stream, device=signal.device)

    real = keep(torch.add(signal, white(), alpha=sigma))
    imaginary = sigma * white()
    imaginary = keep(imaginary if quadrature is None else imaginary + quadrature)
    square = real.square().addcmul_(imaginary, imaginary)
    if noise.coils > 1:
        channels = 2 * noise.coils - 2
        normal = keep(white())
        spread = float(normal.square().mean().sqrt())
        width = (2 / (9 * channels)) ** 0.5
        root = (width / spread) * normal + (1 - width**2)
        square.add_(root * root * root, alpha=channels * (spread * sigma) ** 2)
    return square.clamp_min_(0).sqrt_()


def _same(values: Tensor) -> Tensor:
    return values
