"""The signal of every voxel in a sequence: contrast agent, flowing blood, fat.

Relaxivities: Shen et al., Invest Radiol 2015;50:330 (whole blood at 37 C: r1 of 3.9 to 6.2 at
1.5 T and 3.4 to 5.4 l / (mmol s) at 3 T over the common agents); r2 by the ratios of Rohrer et al.,
Invest Radiol 2005;40:715. Blood that flows through a slice between pulse and echo gives none in
spin echoes, and fresh, unsaturated signal in gradient echoes (Axel, AJR 1984;143:1157).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from SynthCore.physics.generator import signal as equations
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.sequences import (
    DOUBLE,
    GRADIENT,
    INVERSION,
    MPRAGE,
    SPIN_ECHO,
    Sequence,
)
from SynthCore.physics.generator.tissue_values import NAMES, TABLE

FAT_SHARE = {"fat": 1.0, "marrow": 0.6, "diploe": 0.5}
"""How much of a tissue's signal is fat's (yellow marrow of adults; estimates)."""

_SUPPRESSED = {"T1": 0.05, "T1c": 0.2, "T2": 0.1, "FLAIR": 0.5, "PD": 0.15, "DIR": 0.8}
"""How often fat is suppressed by role (estimates from protocols in use)."""


@dataclass(frozen=True)
class Agent:
    """A contrast agent: relaxivities in l / (mmol s), dose relative to the usual one."""

    r1: float
    r2: float
    dose: float


@dataclass(frozen=True)
class Fat:
    """What a scan does to fat.

    Attributes
    ----------
    kept : float
        Share of its signal left by fat suppression; 1 without any.
    brighter : float
        What echo trains make of its signal, at least 1.
    shift : float
        Chemical shift along the readout, mm.
    axis : int
        Axis of the window it goes along.
    """

    kept: float
    brighter: float
    shift: float
    axis: int


def draw_agent(rng: np.random.Generator, field_t: float) -> Agent:
    """Draw an agent and its dose."""
    r1 = rng.uniform(3.4, 5.4) if field_t > 2 else rng.uniform(3.9, 6.2)
    ratio = rng.uniform(1.35, 1.6) if field_t > 2 else rng.uniform(1.15, 1.3)
    return Agent(r1, r1 * ratio, rng.uniform(0.7, 1.3))


def draw_blood(rng: np.random.Generator, sequence: Sequence) -> float:
    """Draw what flowing blood keeps of its signal."""
    if sequence.kind == GRADIENT:
        return rng.uniform(0.8, 1.2) if sequence.volume else rng.uniform(0.9, 2.2)
    if sequence.kind == MPRAGE:
        return rng.uniform(0.8, 1.6)
    if sequence.volume:
        return rng.uniform(0.02, 0.2)  # long trains of refocusing pulses
    return rng.uniform(0.03, 0.6 if sequence.te < 30 else 0.25)


def draw_fat(rng: np.random.Generator, role: str, sequence: Sequence, strength: float) -> Fat:
    """Draw fat suppression, brightness in echo trains, and a chemical shift of up to 2 mm.

    Echo trains keep fat bright: their pulses suppress the coupling that shortens its T2 (Henkelman
    et al., J Magn Reson Imaging 1992;2:533). Its rate is taken to fall by 2 to 6 per second.
    """
    kept = rng.uniform(0.08, 0.35) if rng.random() < _SUPPRESSED[role] else 1.0
    in_train = sequence.train > 0 and sequence.kind != MPRAGE
    rate = rng.uniform(0.002, 0.006) if in_train else 0.0
    most = 0.8 if sequence.volume else 2.0
    shift = strength * rng.uniform(-most, most)
    return Fat(kept, math.exp(rate * sequence.te), shift, int(rng.integers(1, 3)))


def tissue_signal(
    sequence: Sequence,
    maps: TissueMaps,
    *,
    agent: Agent | None = None,
    scale: equations.Scale = 1.0,
    blood: float = 1.0,
    fat: Fat | None = None,
) -> Tensor:
    """Signal of every voxel with its sign.

    Parameters
    ----------
    sequence : Sequence
        And its parameters.
    maps : TissueMaps
        What lies in the scanner.
    agent : Agent, optional
        Where a dose was given; T2* is shortened as T2 is.
    scale : torch.Tensor or float
        Transmit field.
    blood : float
        What flowing blood keeps.
    fat : Fat, optional
        Suppression and chemical shift.

    Returns
    -------
    torch.Tensor
        Shape ``(k, j, i)``.
    """
    gradient = sequence.kind in (GRADIENT, MPRAGE)
    t1, t2 = maps.t1, maps.t2_star if gradient else maps.t2
    if agent is not None:
        t1, t2 = equations.shorten(t1, t2, maps.agent * agent.dose, agent.r1, agent.r2)
    signal = sequence_signal(sequence, t1, t2, maps.density, scale)
    if blood != 1:
        signal = signal * (1 + (blood - 1) * maps.flow)
    if fat is not None:
        signal = _with_fat(signal, maps, fat)
    return signal


def sequence_signal(
    sequence: Sequence, t1: Tensor, t2: Tensor, density: Tensor, scale: equations.Scale = 1.0
) -> Tensor:
    """Signal by the sequence's equation; `t2` is T2* for gradient echoes."""
    tr, te, train = sequence.tr, sequence.te, sequence.train
    if sequence.kind == SPIN_ECHO:
        return equations.spin_echo(t1, t2, density, tr=tr, te=te, scale=scale)
    if sequence.kind == GRADIENT:
        return equations.spoiled_gradient_echo(
            t1, t2, density, tr=tr, te=te, flip=sequence.flip, scale=scale
        )
    if sequence.kind == MPRAGE:
        return equations.mprage(
            t1, t2, density, tr=tr, te=te, ti=sequence.ti, flip=sequence.flip,
            echoes=sequence.echoes, echo_spacing=sequence.echo_spacing, scale=scale,
        )  # fmt: skip
    if sequence.kind == INVERSION:
        return equations.inversion_recovery(
            t1, t2, density, tr=tr, te=te, ti=sequence.ti, train=train, scale=scale
        )
    if sequence.kind == DOUBLE:
        return equations.double_inversion_recovery(
            t1, t2, density, tr=tr, te=te, ti=sequence.ti, ti2=sequence.ti2, train=train,
            scale=scale,
        )  # fmt: skip
    return equations.turbo_spin_echo(t1, t2, density, tr=tr, te=te, train=train, scale=scale)


def reference_signal(sequence: Sequence, field_t: float) -> float:
    """Signal of white or gray matter, whichever is brighter: what an SNR refers to."""
    index = 1 if field_t > 2 else 0
    tissues = (TABLE["white matter"], TABLE["gray matter"])
    t1, t2, density = (
        torch.tensor(values)
        for values in zip(*((t.t1[index], t.t2[index], t.density) for t in tissues), strict=True)
    )
    return float(sequence_signal(sequence, t1, t2, density).abs().max())


def _with_fat(signal: Tensor, maps: TissueMaps, fat: Fat) -> Tensor:
    shift = round(fat.shift / maps.spacing[fat.axis])
    share = fat.kept * fat.brighter
    if share == 1 and shift == 0:
        return signal
    shares = torch.tensor([FAT_SHARE.get(name, 0.0) for name in NAMES], device=signal.device)
    lipid = shares[maps.tissue.int()] * signal
    return signal + (share * torch.roll(lipid, shift, fat.axis) - lipid)
