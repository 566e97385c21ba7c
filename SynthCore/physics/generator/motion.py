"""Motion during a scan, and the ghosts of flow: what comes of k-space that does not fit together.

Lines of k-space along the phase-encoding axis are measured one after another. A head that moves
meanwhile gives lines that belong to different poses; put together they blur and ghost (Zaitsev et
al., J Magn Reson Imaging 2015;42:887). Pulsation weakens lines periodically, which gives copies of
what pulsates at regular distances (Wood and Henkelman, Med Phys 1985;12:143).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Pose:
    """How the head lies from a share of the scan's time on.

    Attributes
    ----------
    start : float
        Share of the scan's time, from 0 to 1.
    shift : tuple of float
        Along the two axes in the slice, mm.
    turn : float
        Degrees, in the slice, about the window's center.
    """

    start: float
    shift: tuple[float, float]
    turn: float


@dataclass(frozen=True)
class Motion:
    """Rigid motion in the slice.

    Attributes
    ----------
    axis : int
        Phase-encoding axis of the two in the slice, 0 or 1.
    shots : int
        Interleaved passes through k-space; 1 is line after line.
    poses : tuple of Pose
        In the order of their start; before the first the head lies as the maps say.
    """

    axis: int
    shots: int
    poses: tuple[Pose, ...]


@dataclass(frozen=True)
class Ghosts:
    """Copies of flowing blood along the phase-encoding axis.

    Attributes
    ----------
    axis : int
        Of the two in the slice, 0 or 1.
    distance : float
        From the source to its ghost, mm.
    share : float
        Of the source's signal.
    phase : float
        Between source and ghost, radians.
    everywhere : float
        The same share for all that is not blood.
    """

    axis: int
    distance: float
    share: float
    phase: float
    everywhere: float


def draw_motion(rng: np.random.Generator, strength: float) -> Motion:
    """Draw a motion: one to three changes of pose, of 0.3 to 1.5 mm and degrees (one sigma)."""
    shots = 1 if rng.random() < 0.5 else int(rng.integers(6, 24))
    count = int(rng.integers(1, 4))
    starts = np.sort(rng.uniform(0.05, 0.95, count))
    size = strength * rng.uniform(0.3, 1.5)
    poses = tuple(
        Pose(
            float(start),
            (float(rng.normal() * size), float(rng.normal() * size)),
            float(rng.normal() * size),
        )
        for start in starts
    )
    return Motion(int(rng.integers(2)), shots, poses)


def draw_ghosts(rng: np.random.Generator, strength: float) -> Ghosts:
    """Draw ghosts of flow, 10 to 60 mm away."""
    return Ghosts(
        int(rng.integers(2)),
        rng.uniform(10, 60),
        strength * rng.uniform(0.05, 0.4),
        rng.uniform(0, 2 * math.pi),
        strength * rng.uniform(0, 0.02),
    )


def move(signal: Tensor, motion: Motion, pixel: tuple[float, float]) -> Tensor:
    """The slices as measured while the head moves.

    Parameters
    ----------
    signal : torch.Tensor
        Shape ``(slices, j, i)``, real.
    motion : Motion
        What moves; without any pose that differs, the signal itself comes back.
    pixel : tuple of float
        Distance of pixels along (j, i), mm.

    Returns
    -------
    torch.Tensor
        Same shape, complex.
    """
    if not any(any(pose.shift) or pose.turn for pose in motion.poses):
        return signal
    axis = 1 + motion.axis
    time = _times(signal.shape[axis], motion.shots)
    kspace = torch.fft.fft(signal, dim=axis)
    ends = [*(pose.start for pose in motion.poses[1:]), 2.0]
    for pose, end in zip(motion.poses, ends, strict=True):
        lines = np.flatnonzero((time >= pose.start) & (time < end))
        if lines.size == 0:
            continue
        index = torch.from_numpy(lines).to(signal.device)
        moved = torch.fft.fft(_posed(signal, pose, pixel), dim=axis).index_select(axis, index)
        kspace.index_copy_(axis, index, moved)
    result: Tensor = torch.fft.ifft(kspace, dim=axis)
    return result


def ghost(signal: Tensor, source: Tensor, ghosts: Ghosts, pixel: tuple[float, float]) -> Tensor:
    """Add ghosts of `source` (same shape, real) to slices ``(slices, j, i)``; complex."""
    axis = 1 + ghosts.axis
    shift = round(ghosts.distance / pixel[ghosts.axis])
    pulsing = ghosts.share * source + ghosts.everywhere * (signal - source)
    turn = complex(math.cos(ghosts.phase), math.sin(ghosts.phase))
    ahead, behind = torch.roll(pulsing, shift, axis), torch.roll(pulsing, -shift, axis)
    both = turn * ahead + turn.conjugate() * behind
    return signal + 0.5 * both


def _times(lines: int, shots: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """When every line is measured, 0 to 1, in the order of `torch.fft`."""
    number = np.fft.ifftshift(np.arange(lines))  # the line's place from one end of k-space
    if shots > 1:
        return np.asarray((number % shots + 0.5) / shots)
    return np.asarray((number + 0.5) / lines)


def _posed(signal: Tensor, pose: Pose, pixel: tuple[float, float]) -> Tensor:
    """The slices with the head in a pose; the border goes on beyond the window."""
    rows, columns = signal.shape[1:]
    sine, cosine = math.sin(math.radians(pose.turn)), math.cos(math.radians(pose.turn))
    # grid_sample counts from -1 to 1 over (i, j): half widths in mm make it a rotation
    half = (columns * pixel[1] / 2, rows * pixel[0] / 2)
    theta = torch.tensor(
        [
            [cosine, -sine * half[1] / half[0], pose.shift[1] / half[0]],
            [sine * half[0] / half[1], cosine, pose.shift[0] / half[1]],
        ],
        dtype=signal.dtype,
        device=signal.device,
    )
    grid = functional.affine_grid(theta[None], [1, 1, rows, columns], align_corners=False)
    moved = functional.grid_sample(
        signal[None], grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    result: Tensor = moved[0]
    return result
