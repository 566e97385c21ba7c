"""Signal of every voxel by the equations of common sequences, on torch tensors.

The same equations as in `SynthCore.physics.mr_signal`, which names their sources, for maps of T1
and T2 rather than for one tissue, with two additions. A turbo spin echo leaves no longitudinal
magnetization behind, so that it recovers only from the end of its echo train (Bernstein, King,
Zhou, Handbook of MRI Pulse Sequences, Elsevier 2004, chapter 16). And the transmit field scales
flip angles, voxel by voxel. Times in ms, angles in degrees; tensors of one shape, or numbers.
Signals of an inversion keep their sign.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

Scale = Tensor | float
"""Transmit field, as a share of the flip angle that was asked for."""


def shorten(t1: Tensor, t2: Tensor, agent: Tensor, r1: float, r2: float) -> tuple[Tensor, Tensor]:
    """T1 and T2 (ms) with contrast agent of `agent` mmol/l; relaxivities in l / (mmol s)."""
    return 1 / (1 / t1 + (r1 * 1e-3) * agent), 1 / (1 / t2 + (r2 * 1e-3) * agent)


def echo_share(scale: Scale) -> Scale:
    """What a spin echo with wrong flip angles keeps: sin(90 b) sin(90 b)**2 at transmit field b."""
    if isinstance(scale, float):
        return math.sin(math.pi / 2 * scale) ** 3
    return torch.sin(math.pi / 2 * scale) ** 3


def spin_echo(
    t1: Tensor, t2: Tensor, density: Tensor, *, tr: float, te: float, scale: Scale = 1.0
) -> Tensor:
    """Spin echo."""
    recovery = 1 - 2 * torch.exp((te / 2 - tr) / t1) + torch.exp(-tr / t1)
    return density * recovery * torch.exp(-te / t2) * echo_share(scale)


def turbo_spin_echo(
    t1: Tensor,
    t2: Tensor,
    density: Tensor,
    *,
    tr: float,
    te: float,
    train: float,
    scale: Scale = 1.0,
) -> Tensor:
    """Turbo spin echo at its effective echo time; `train` is the length of its echo train (ms)."""
    recovery = 1 - torch.exp(-(tr - train) / t1)
    return density * recovery * torch.exp(-te / t2) * echo_share(scale)


def spoiled_gradient_echo(
    t1: Tensor,
    t2_star: Tensor,
    density: Tensor,
    *,
    tr: float,
    te: float,
    flip: float,
    scale: Scale = 1.0,
) -> Tensor:
    """Spoiled gradient echo in its steady state (Ernst's equation)."""
    cosine, sine = _cosine_and_sine(flip, scale)
    decay = torch.exp(-tr / t1)
    return density * sine * (1 - decay) / (1 - cosine * decay) * torch.exp(-te / t2_star)


def inversion_recovery(
    t1: Tensor,
    t2: Tensor,
    density: Tensor,
    *,
    tr: float,
    te: float,
    ti: float,
    train: float,
    scale: Scale = 1.0,
) -> Tensor:
    """Inversion recovery with a turbo spin echo (FLAIR, T1 FLAIR); adiabatic inversion."""
    recovery = 1 - 2 * torch.exp(-ti / t1) + torch.exp(-(tr - train) / t1)
    return density * recovery * torch.exp(-te / t2) * echo_share(scale)


def double_inversion_recovery(
    t1: Tensor,
    t2: Tensor,
    density: Tensor,
    *,
    tr: float,
    te: float,
    ti: float,
    ti2: float,
    train: float,
    scale: Scale = 1.0,
) -> Tensor:
    """Double inversion recovery: inversions `ti` and `ti2` before the excitation, ``ti > ti2``.

    Redpath and Smith, Br J Radiol 1994;67:1258, with the recovery beginning after the echo train.
    """
    recovery = (
        1 - 2 * torch.exp(-ti2 / t1) + 2 * torch.exp(-ti / t1) - torch.exp(-(tr - train) / t1)
    )
    return density * recovery * torch.exp(-te / t2) * echo_share(scale)


def mprage(
    t1: Tensor,
    t2_star: Tensor,
    density: Tensor,
    *,
    tr: float,
    te: float,
    ti: float,
    flip: float,
    echoes: int,
    echo_spacing: float,
    scale: Scale = 1.0,
) -> Tensor:
    """Magnetization-prepared rapid gradient echo at the center of its train.

    The same cycle as `SynthCore.physics.mr_signal.mprage`, solved for its fixed point.
    """
    half = echoes // 2
    before = ti - echoes * echo_spacing / 2
    after = tr - ti - echoes * echo_spacing / 2
    if before < 0 or after < 0:
        raise ValueError("the echo train does not fit into the repetition time")
    cosine, sine = _cosine_and_sine(flip, scale)
    rate = 1 / t1
    pulse = torch.exp(-echo_spacing * rate)
    driven = (1 - pulse) / (1 - cosine * pulse)  # where the train would settle
    to_center = (cosine * pulse) ** half
    whole = to_center * to_center if echoes % 2 == 0 else (cosine * pulse) ** echoes
    first, last = torch.exp(-before * rate), torch.exp(-after * rate)
    # M before inversion -> 1 - first (1 + M) -> train -> recovery -> M
    gain = -first * whole * last
    offset = ((1 - first) * whole + driven * (1 - whole)) * last + 1 - last
    start = 1 - first * (1 + offset / (1 - gain))
    center = start * to_center + driven * (1 - to_center)
    return density * center * sine * torch.exp(-te / t2_star)


def _cosine_and_sine(flip: float, scale: Scale) -> tuple[Scale, Scale]:
    angle = math.radians(flip)
    if isinstance(scale, float):
        return math.cos(angle * scale), math.sin(angle * scale)
    return torch.cos(angle * scale), torch.sin(angle * scale)
