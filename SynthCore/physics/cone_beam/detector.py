"""The flat panel: photons counted, their noise, spread, lag and gains."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from SynthCore.physics.cone_beam.scan import ConeBeam

_MOST = 9.0
_THICKEST = 0.95


def photons(scan: ConeBeam, integrals: Tensor, thickness_mm: float) -> float | None:
    """Photons sent along every ray without a patient; None for a scan without noise."""
    if scan.counts is None:
        return None
    lines = integrals[:: max(1, integrals.shape[0] // 24)].amax(dim=1).flatten()
    thickest = min(float(torch.quantile(lines, _THICKEST)), _MOST)
    return scan.counts * scan.pitch_mm * thickness_mm * math.exp(thickest)


def detect(scan: ConeBeam, signal: Tensor, sent: float | None, stream: int) -> Tensor:
    """The panel's signal [views, rays, slices] from what arrives, in the same unit."""
    if scan.blur_mm > 0:
        signal = _blur(signal, scan.blur_mm / scan.pitch_mm)
    if scan.lag > 0:
        signal = (1 - scan.lag) * signal + scan.lag * torch.roll(signal, 1, 0)
    if sent is not None:
        counts = signal.clamp(min=0) * sent
        # the normal approximation of Poisson noise: the counts are tens or more
        deviation = torch.sqrt(counts + scan.electronic**2)
        generator = torch.Generator().manual_seed((scan.seed + 7919 * stream) % 2**63)
        noise = torch.randn(signal.shape, generator=generator).to(signal.device)
        signal = (counts + deviation * noise) / sent
    if scan.gain_error > 0:
        # elements differ from ray to ray and from row to row of the panel
        generator = torch.Generator().manual_seed((scan.seed + 104729 + stream) % 2**63)
        error = torch.randn((1, *signal.shape[1:]), generator=generator).to(signal.device)
        signal = signal * (1 + scan.gain_error * error)
    return signal


def _blur(signal: Tensor, sigma: float) -> Tensor:
    """Gaussian along the rays, ends repeated."""
    reach = max(1, math.ceil(3 * sigma))
    place = torch.arange(-reach, reach + 1, device=signal.device, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (place / sigma) ** 2)
    kernel = kernel / kernel.sum()
    index = torch.arange(signal.shape[1], device=signal.device)
    last = signal.shape[1] - 1
    made = torch.zeros_like(signal)
    for step, share in enumerate(kernel.tolist()):
        made += share * signal[:, (index + step - reach).clamp(0, last)]
    return made
