"""MR signal of a tissue: the steady-state equations of the common sequences.

Times in ms, angles in degrees, signal in units of the proton density's. All functions take numbers
or arrays that broadcast. Inversion recovery keeps its sign, so that magnitudes are taken after
tissues have been mixed, as in a voxel.

Equations: Bernstein, King, Zhou, Handbook of MRI Pulse Sequences, Elsevier 2004, chapter 16
(echo trains); MPRAGE by following the magnetization through one cycle, as in Deichmann et al.,
NeuroImage 2000;12:112.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Value = npt.NDArray[np.float64]
Number = float | npt.NDArray[Any]


@dataclass(frozen=True)
class ContrastAgent:
    """A gadolinium agent's relaxivities, 1 / (mmol/l s).

    Defaults: gadobutrol in plasma at 1.5 T (Rohrer et al., Invest Radiol 2005;40:715).
    """

    r1: float = 5.2
    r2: float = 6.1

    def shortened(self, t1: Number, t2: Number, concentration: Number) -> tuple[Value, Value]:
        """T1 and T2 (ms) with the agent at a concentration in mmol/l."""
        milli = np.asarray(concentration) * 1e-3
        return (
            1 / (1 / np.asarray(t1, dtype=float) + self.r1 * milli),
            1 / (1 / np.asarray(t2, dtype=float) + self.r2 * milli),
        )


def spin_echo(t1: Number, t2: Number, density: Number, *, tr: float, te: float) -> Value:
    """Spin echo, also turbo spin echo at its effective echo time."""
    t1, t2 = np.asarray(t1, dtype=float), np.asarray(t2, dtype=float)
    recovery = 1 - 2 * np.exp(-(tr - te / 2) / t1) + np.exp(-tr / t1)
    return np.asarray(density * recovery * np.exp(-te / t2))


def inversion_recovery(
    t1: Number, t2: Number, density: Number, *, tr: float, te: float, ti: float
) -> Value:
    """Inversion recovery with spin echo (FLAIR, STIR); negative before the null."""
    t1, t2 = np.asarray(t1, dtype=float), np.asarray(t2, dtype=float)
    recovery = 1 - 2 * np.exp(-ti / t1) + 2 * np.exp(-(tr - te / 2) / t1) - np.exp(-tr / t1)
    return np.asarray(density * recovery * np.exp(-te / t2))


def mprage(
    t1: Number,
    t2_star: Number,
    density: Number,
    *,
    tr: float,
    te: float,
    ti: float,
    flip: float,
    echoes: int = 160,
    echo_spacing: float = 7.0,
) -> Value:
    """Magnetization-prepared rapid gradient echo, at the center of its echo train.

    One cycle of `tr` holds a perfect inversion, recovery, a train of `echoes` pulses whose middle
    lies `ti` after the inversion, and recovery. Each part maps the longitudinal magnetization
    linearly; the steady state is the fixed point of the cycle.

    Raises
    ------
    ValueError
        If the train does not fit between inversion and the next one.
    """
    before = ti - echoes * echo_spacing / 2
    after = tr - ti - echoes * echo_spacing / 2
    if before < 0 or after < 0:
        raise ValueError("the echo train does not fit into the repetition time")
    t1 = np.asarray(t1, dtype=float)
    cosine, pulse = np.cos(np.radians(flip)), np.exp(-echo_spacing / t1)
    driven = (1 - pulse) / (1 - cosine * pulse)  # where the train would settle

    def recover(time: float) -> tuple[Value, Value]:
        decay = np.exp(-time / t1)
        return decay, 1 - decay

    def train(count: int) -> tuple[Value, Value]:
        decay = (cosine * pulse) ** count
        return decay, driven * (1 - decay)

    # each part is M -> a M + b
    parts = [(-np.ones_like(t1), np.zeros_like(t1)), recover(before), train(echoes), recover(after)]
    gain, offset = np.ones_like(t1), np.zeros_like(t1)
    for a, b in parts:
        gain, offset = a * gain, a * offset + b
    start = offset / (1 - gain)
    for a, b in (*parts[:2], train(echoes // 2)):
        start = a * start + b
    signal = density * start * np.sin(np.radians(flip))
    return np.asarray(signal * np.exp(-te / np.asarray(t2_star, dtype=float)))


def rician(
    magnitude: npt.NDArray[Any], sigma: float, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Magnitude of a complex signal with Gaussian noise of `sigma` in both channels."""
    real = magnitude + sigma * random.standard_normal(magnitude.shape, dtype=np.float32)
    imaginary = sigma * random.standard_normal(magnitude.shape, dtype=np.float32)
    return np.asarray(np.hypot(real, imaginary), dtype=np.float32)
