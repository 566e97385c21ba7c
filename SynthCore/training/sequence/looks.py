"""How a study would look on another scanner: drawn first, applied after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from SynthCore.training.sequence.studies import Study

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Curves:
    """Intensities of each role, mapped from one histogram to another.

    Attributes
    ----------
    source, target : numpy.ndarray
        [role, q], ascending; what lies at `source` goes to `target`. Equal arrays change nothing.
    divisors : numpy.ndarray
        [role], of the input's normalization after the change.
    """

    source: Float32
    target: Float32
    divisors: Float32

    def __call__(self, voxels: Float32) -> Float32:
        """Map voxels [role, ...]; 0 stays 0."""
        if self.source is self.target:
            return voxels
        made = np.empty_like(voxels)
        for n, (a, b) in enumerate(zip(self.source, self.target, strict=True)):
            made[n] = np.interp(voxels[n], a, b)
        made[voxels <= 0] = 0
        return made


def draw_curves(
    rng: np.random.Generator, study: Study, others: Sequence[Study], share: float
) -> Curves:
    """A way from a study's histograms toward another's, for the sequences that both have.

    With probability `share` the look is that of another study without skull, or lies anywhere
    between the two. A whole protocol goes along: what is given then says how the rest would look.
    """
    same = Curves(study.quantiles, study.quantiles, study.divisors)
    looks = [s for s in others if not s.skull and s.patient != study.patient]
    if study.skull or not looks or rng.random() >= share:
        return same
    one = looks[int(rng.integers(len(looks)))]
    amount = 1.0 if rng.random() < 0.5 else float(rng.random())
    target, divisors = study.quantiles.copy(), study.divisors.copy()
    for n, role in enumerate(study.roles):
        if role in one.roles:
            m = one.roles.index(role)
            target[n] = (1 - amount) * study.quantiles[n] + amount * one.quantiles[m]
            divisors[n] = (1 - amount) * study.divisors[n] + amount * one.divisors[m]
    return Curves(rising(study.quantiles), target, divisors)


def rising(quantiles: Float32) -> Float32:
    """Strictly ascending, so that a flat stretch of a histogram has one way through it."""
    return quantiles + np.arange(quantiles.shape[-1], dtype=np.float32) * np.float32(1e-6)


@dataclass(frozen=True)
class View:
    """What the scanner did to each input channel.

    Attributes
    ----------
    gain, gamma : numpy.ndarray
        [role], ``gain * x ** gamma``.
    bias : numpy.ndarray
        [role, 4, 4] log gain at control points over the crop.
    noise : numpy.ndarray
        [role], standard deviation.
    blur : numpy.ndarray
        [role, 2], by how much rows and columns are coarsened; 1 not.
    seed : int
        Of the noise.
    """

    gain: Float32
    gamma: Float32
    bias: Float32
    noise: Float32
    blur: Float32
    seed: int


def draw_view(rng: np.random.Generator, roles: int) -> View:
    """As scanners and protocols differ beyond what quantile matching between patients gives."""
    blur = np.ones((roles, 2))
    if rng.random() < 0.12:
        n = int(rng.integers(roles))
        blur[n] = np.exp(rng.uniform(0, np.log(2.5), 2))
        if rng.random() < 0.5:
            blur[n, rng.integers(2)] = 1.0
    noisy = rng.random(roles) < 0.25
    return View(
        gain=np.exp(rng.normal(0, 0.04, roles)).astype(np.float32),
        gamma=np.exp(rng.normal(0, 0.05, roles)).astype(np.float32),
        bias=rng.normal(0, 0.05, (roles, 4, 4)).astype(np.float32),
        noise=(noisy * rng.uniform(0, 0.04, roles)).astype(np.float32),
        blur=blur.astype(np.float32),
        seed=int(rng.integers(2**31)),
    )


def apply_view(x: torch.Tensor, view: View) -> torch.Tensor:
    """Channels [role, slices, h, w] as the scanner saw them; what was 0 stays 0."""
    size = (x.shape[-2], x.shape[-1])
    made = x
    for n, (a, b) in enumerate(view.blur):
        small = (max(2, round(size[0] / float(a))), max(2, round(size[1] / float(b))))
        if small != size:
            coarse = functional.interpolate(x[n][None], size=small, mode="area")
            fine = functional.interpolate(coarse, size=size, mode="bilinear", align_corners=False)
            made = made.clone() if made is x else made
            made[n] = fine[0]
    bias = functional.interpolate(
        torch.from_numpy(view.bias)[:, None], size=size, mode="bicubic", align_corners=True
    )
    gain = torch.from_numpy(view.gain)[:, None, None, None]
    gamma = torch.from_numpy(view.gamma)[:, None, None, None]
    made = gain * made.clamp(min=0) ** gamma * torch.exp(bias)
    generator = torch.Generator().manual_seed(view.seed)
    noise = torch.from_numpy(view.noise)[:, None, None, None]
    made = (made + noise * torch.randn(made.shape, generator=generator)).abs()
    return made * (x > 0)
