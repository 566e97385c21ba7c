"""Pulse sequences and their parameters, drawn from clinical ranges by role and field strength.

Ranges follow published protocols, widened to what is met in practice where a range is given:

Brain tumor
    Ellingson et al., Neuro Oncol 2015;17:1188 (consensus protocol: 3D T1 before and after agent,
    T2 with TR above 2500 and TE 80 to 120 ms, FLAIR with TR above 6000 and TE 100 to 140 ms).
Multiple sclerosis
    Wattjes et al., Lancet Neurol 2021;20:653; Filippi et al., Lancet Neurol 2016;15:292 (DIR).
MPRAGE
    Jack et al., J Magn Reson Imaging 2008;27:685 (ADNI: TR 2300 to 2400, TI 900 to 1000 ms, 8 to
    9 degrees).
FLAIR, DIR
    Hajnal et al., J Comput Assist Tomogr 1992;16:841; Redpath and Smith, Br J Radiol 1994;67:1258;
    Pouwels et al., Radiology 2006;241:873. Inversion times are those that null CSF (and white
    matter) at the sequence's own TR, with the error of a scanner that does not know its patient.
Echo trains
    Refocusing pulses below 180 degrees store magnetization that does not decay with T2 meanwhile,
    so that contrast is that of a shorter echo time (Weigel and Hennig, Magn Reson Med 2006;55:826;
    of 3D trains: Mugler, J Magn Reson Imaging 2014;39:745). `Sequence.te` is that equivalent time:
    75 to 100 percent of the one that a 2D protocol names.
The rest
    McRobbie et al., MRI from Picture to Proton, 3rd ed., Cambridge 2017, chapters 3 and 12.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

ROLES = ("T1", "T1c", "T2", "FLAIR", "PD", "DIR")

SPIN_ECHO = "spin echo"
TURBO = "turbo spin echo"
GRADIENT = "gradient echo"
MPRAGE = "mprage"
INVERSION = "inversion recovery"
DOUBLE = "double inversion recovery"

CSF_T1 = 4100.0
"""T1 of CSF that inversion times are set for, ms (Rooney et al., Magn Reson Med 2007;57:308)."""
WHITE_T1 = {1.5: 656.0, 3.0: 890.0}
"""T1 of white matter by field strength, ms, from the same paper."""


@dataclass(frozen=True)
class Sequence:
    """A sequence and its parameters; times in ms, angles in degrees; 0 where one has no meaning.

    Attributes
    ----------
    name : str
        As `KINDS` names it.
    kind : str
        Its equation in `SynthCore.physics.generator.signal`.
    volume : bool
        Whether a volume is excited (3D) rather than slices.
    tr, te, ti, ti2, flip : float
        Repetition and echo time, inversion times before the excitation, flip angle.
    train : float
        Length of the echo train, after which the magnetization recovers; of 3D trains, which leave
        some of it, less than their length.
    echoes : int
        Echoes of a gradient-echo train.
    echo_spacing : float
        Their distance.
    """

    name: str
    kind: str
    volume: bool
    tr: float
    te: float
    ti: float = 0.0
    ti2: float = 0.0
    flip: float = 90.0
    train: float = 0.0
    echoes: int = 0
    echo_spacing: float = 0.0


KINDS: dict[str, dict[str, float]] = {
    "T1": {"SE": 0.25, "TSE": 0.12, "FLASH": 0.15, "SPGR": 0.13, "MPRAGE": 0.25, "T1 FLAIR": 0.1},
    "T1c": {"SE": 0.3, "TSE": 0.12, "FLASH": 0.1, "SPGR": 0.13, "MPRAGE": 0.3, "T1 FLAIR": 0.05},
    "T2": {"T2 TSE": 0.85, "T2 3D TSE": 0.15},
    "FLAIR": {"FLAIR 2D": 0.65, "FLAIR 3D": 0.35},
    "PD": {"PD TSE": 0.7, "PD SE": 0.3},
    "DIR": {"DIR 2D": 0.3, "DIR 3D": 0.7},
}
"""Kinds of sequence by role, with how often each is drawn (estimates)."""


def draw_sequence(
    rng: np.random.Generator, role: str, field_t: float, kind: str | None = None
) -> Sequence:
    """Draw a sequence of a role.

    Parameters
    ----------
    rng : numpy.random.Generator
        What is random.
    role : str
        One of `ROLES`.
    field_t : float
        1.5 or 3.0.
    kind : str, optional
        A key of ``KINDS[role]``; drawn where not given.

    Raises
    ------
    KeyError
        If there is no such role or kind.
    """
    kinds = KINDS[role]
    if kind is None:
        shares = np.array(list(kinds.values()))
        kind = list(kinds)[int(rng.choice(len(kinds), p=shares / shares.sum()))]
    elif kind not in kinds:
        raise KeyError(kind)
    if role in ("T1", "T1c"):
        return _draw_t1(rng, kind, field_t)
    if role in ("T2", "PD"):
        return _draw_proton(rng, kind)
    return _draw_nulled(rng, kind, field_t)


def _draw_t1(rng: np.random.Generator, kind: str, field_t: float) -> Sequence:
    high = field_t > 2
    if kind == "SE":
        tr = rng.uniform(450, 750) if high else rng.uniform(400, 650)
        return Sequence(kind, SPIN_ECHO, False, tr, rng.uniform(8, 17))
    if kind == "TSE":
        tr = rng.uniform(500, 850) if high else rng.uniform(420, 700)
        return Sequence(kind, TURBO, False, tr, rng.uniform(8, 17), train=rng.uniform(20, 60))
    if kind == "FLASH":
        flip = rng.uniform(60, 85)
        return Sequence(
            kind, GRADIENT, False, rng.uniform(150, 300), rng.uniform(2.2, 5), 0, 0, flip
        )
    if kind == "SPGR":
        tr = rng.uniform(7, 26)
        # above the angle of most signal, for T1 contrast
        flip = float(np.clip(rng.uniform(1.5, 2.6) * _ernst(tr, WHITE_T1[field_t]), 12, 32))
        return Sequence(kind, GRADIENT, True, tr, rng.uniform(2, 6), 0, 0, flip)
    if kind == "MPRAGE":
        echoes, spacing = int(rng.integers(128, 193)), rng.uniform(6.0, 8.0)
        train = echoes * spacing
        ti = max(rng.uniform(800, 1100), train / 2 + 20)
        tr = max(rng.uniform(1700, 2500), ti + train / 2 + 50)
        return Sequence(
            kind, MPRAGE, True, tr, rng.uniform(2.2, 4.5), ti, 0, rng.uniform(7, 12), train,
            echoes, spacing,
        )  # fmt: skip
    tr, train = rng.uniform(1800, 2600), rng.uniform(60, 120)
    ti = null_time(CSF_T1, tr - train) * rng.uniform(0.88, 1.02)
    return Sequence(kind, INVERSION, False, tr, rng.uniform(8, 20), ti, train=train)


def _draw_proton(rng: np.random.Generator, kind: str) -> Sequence:
    if kind == "T2 TSE":
        tr, te = rng.uniform(3000, 7000), rng.uniform(80, 130)
        train = te * rng.uniform(1.2, 2.2)
        return Sequence(kind, TURBO, False, tr, te * _equivalent(rng), train=train)
    if kind == "T2 3D TSE":
        tr, te = rng.uniform(2500, 3500), rng.uniform(70, 115)
        return Sequence(kind, TURBO, True, tr, te, train=rng.uniform(150, 450))
    tr, te = rng.uniform(2000, 4000), rng.uniform(10, 32)
    if kind == "PD TSE":
        return Sequence(kind, TURBO, False, tr, te, train=te * rng.uniform(2, 6))
    return Sequence(kind, SPIN_ECHO, False, tr, te)


def _draw_nulled(rng: np.random.Generator, kind: str, field_t: float) -> Sequence:
    volume = kind.endswith("3D")
    if kind.startswith("FLAIR"):
        tr = rng.uniform(4800, 8000) if volume else rng.uniform(7500, 11000)
        te = rng.uniform(80, 130) if volume else rng.uniform(85, 140)
        train = rng.uniform(150, 450) if volume else te * rng.uniform(1.2, 2)
        ti = null_time(CSF_T1, tr - train) * rng.uniform(0.96, 1.08)
        te *= 1 if volume else _equivalent(rng)
        return Sequence(kind, INVERSION, volume, tr, te, ti, train=train)
    tr = rng.uniform(5500, 8500) if volume else rng.uniform(8000, 11000)
    te = rng.uniform(40, 100) if volume else rng.uniform(25, 80)
    train = rng.uniform(150, 450) if volume else rng.uniform(80, 200)
    ti, ti2 = null_times(CSF_T1, WHITE_T1[field_t] * rng.uniform(0.97, 1.03), tr - train)
    return Sequence(kind, DOUBLE, volume, tr, te, ti * rng.uniform(0.985, 1.015), ti2, train=train)


def _equivalent(rng: np.random.Generator) -> float:
    """What contrast sees of an echo time in a 2D train."""
    return float(rng.uniform(0.75, 1.0))


def _ernst(tr: float, t1: float) -> float:
    """Flip angle of most signal, degrees."""
    return math.degrees(math.acos(math.exp(-tr / t1)))


def null_time(t1: float, recovery: float) -> float:
    """Inversion time (ms) that nulls a T1 after `recovery` ms from the train to the inversion."""
    return t1 * math.log(2 / (1 + math.exp(-recovery / t1)))


def null_times(first_t1: float, second_t1: float, recovery: float) -> tuple[float, float]:
    """Two inversion times before the excitation (ms), the longer first, that null two T1.

    For every second inversion time there is one first that nulls the longer T1; the one whose
    signal of the shorter T1 is least is searched for, to a millisecond.
    """
    short = np.arange(100.0, 1200.0)

    def rest(t1: float) -> float:
        return math.exp(-recovery / t1)

    share = (2 * np.exp(-short / first_t1) + rest(first_t1) - 1) / 2
    long = -first_t1 * np.log(np.clip(share, 1e-9, None))
    second = 1 - 2 * np.exp(-short / second_t1) + 2 * np.exp(-long / second_t1) - rest(second_t1)
    best = int(np.argmin(np.abs(second)))
    return float(long[best]), float(short[best])
