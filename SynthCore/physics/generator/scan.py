"""A scan of a person: draw a scanner and a sequence, then apply them to maps of tissue.

    scan = draw_scan(np.random.default_rng(1), "FLAIR", 3.0)
    image = apply_scan(scan, maps)

Order of application: signal by the sequence's equation with the transmit field, flowing blood,
fat; receive field; slices; motion and ghosts; noise and truncation of k-space; magnitude; back onto
the window's grid. The same scan applied to the same maps on the same kind of device gives the same
voxels. `Options` says which of these are on and how strong they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from SynthCore.physics.generator.bias import (
    Receive,
    Waves,
    draw_receive,
    draw_transmit,
    receive_field,
    wave_field,
)
from SynthCore.physics.generator.coil_noise import Noise, draw_noise, noisy_magnitude
from SynthCore.physics.generator.contrast import (
    Agent,
    Fat,
    draw_agent,
    draw_blood,
    draw_fat,
    reference_signal,
    tissue_signal,
)
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.motion import (
    Ghosts,
    Motion,
    draw_ghosts,
    draw_motion,
    ghost,
    move,
)
from SynthCore.physics.generator.resolution import Resolution, draw_resolution, slice_matrices
from SynthCore.physics.generator.ringing import along, truncation
from SynthCore.physics.generator.sequences import Sequence, draw_sequence

PARTS = (
    "receive", "transmit", "resolution", "ringing", "noise", "motion", "ghosts", "flow", "fat",
)  # fmt: skip
"""What can be left out; without ``ringing`` a filter limits the resolution, and nothing rings."""

_MOTION_SHARE, _GHOST_SHARE = 0.15, 0.3


@dataclass(frozen=True)
class Options:
    """What a recipe chooses of the scanner's shortcomings.

    Attributes
    ----------
    strength : float
        From 0 (none) to 1 (as in practice): shading, transmit field, motion, ghosts and noise.
    parts : tuple of str
        Those of `PARTS` that are on.
    kind : str, optional
        One kind of sequence, a name in `SynthCore.physics.generator.sequences.KINDS`.
    thickness : tuple of float, optional
        Range of slice thickness, mm; by the sequence where not given.
    other_axes : float
        How often slices follow another axis than the window's first.
    """

    strength: float = 1.0
    parts: tuple[str, ...] = PARTS
    kind: str | None = None
    thickness: tuple[float, float] | None = None
    other_axes: float = 0.0


@dataclass(frozen=True)
class Scan:
    """One drawn scan; `SynthCore.physics.generator.record` writes it as JSON.

    Attributes
    ----------
    role : str
        T1, T1c, T2, FLAIR, PD or DIR.
    field_t : float
        Field strength, tesla.
    sequence : Sequence
        And its parameters.
    agent : Agent or None
        Relaxivities, where contrast agent was given.
    blood : float
        What flowing blood keeps of its signal.
    fat : Fat
        Suppression, brightness in echo trains, chemical shift.
    receive, transmit, resolution, motion, ghosts, noise
        None where left out.
    """

    role: str
    field_t: float
    sequence: Sequence
    agent: Agent | None
    blood: float
    fat: Fat
    receive: Receive | None
    transmit: Waves | None
    resolution: Resolution | None
    motion: Motion | None
    ghosts: Ghosts | None
    noise: Noise | None


def draw_scan(
    rng: np.random.Generator, role: str, field_t: float, options: Options | None = None
) -> Scan:
    """Draw a scan.

    Parameters
    ----------
    rng : numpy.random.Generator
        What is random.
    role : str
        T1, T1c, T2, FLAIR, PD or DIR.
    field_t : float
        1.5 or 3.0, as the maps'.
    options : Options, optional
        Which shortcomings, how strong.
    """
    options = options or Options()
    strength, on = options.strength, frozenset(options.parts)
    sequence = draw_sequence(rng, role, field_t, options.kind)
    agent = draw_agent(rng, field_t) if role == "T1c" else None
    blood = draw_blood(rng, sequence)
    fat = draw_fat(rng, role, sequence, strength)
    resolution = draw_resolution(
        rng,
        volume=sequence.volume,
        thickness=options.thickness,
        other_axes=options.other_axes,
        ringing="ringing" in on,
    )
    receive = draw_receive(rng, field_t, strength)
    transmit = draw_transmit(rng, field_t, strength)
    motion = draw_motion(rng, strength) if rng.random() < _MOTION_SHARE else None
    ghosts = draw_ghosts(rng, strength) if rng.random() < _GHOST_SHARE else None
    noise = draw_noise(rng, strength)
    return Scan(
        role,
        field_t,
        sequence,
        agent,
        blood if "flow" in on else 1.0,
        fat if "fat" in on else replace(fat, kept=1.0, shift=0.0),
        receive if "receive" in on and strength > 0 else None,
        transmit if "transmit" in on and strength > 0 else None,
        resolution if "resolution" in on else None,
        motion if "motion" in on and strength > 0 else None,
        ghosts if "ghosts" in on and strength > 0 else None,
        noise if "noise" in on and strength > 0 else None,
    )


def apply_scan(scan: Scan, maps: TissueMaps) -> Tensor:
    """Make the image of a scan.

    Parameters
    ----------
    scan : Scan
        As drawn.
    maps : TissueMaps
        What lies in the scanner, on a window's grid, at the scan's field strength.

    Returns
    -------
    torch.Tensor
        Shape ``(k, j, i)`` on the grid of the maps, float32, at least 0; 1 is the signal of fully
        relaxed water under a uniform coil.
    """
    shape, device = maps.t1.shape, maps.t1.device
    transmit = (
        1.0 if scan.transmit is None else 1 + wave_field(scan.transmit, shape, maps.spacing, device)
    )
    signal = tissue_signal(
        scan.sequence, maps, agent=scan.agent, scale=transmit, blood=scan.blood, fat=scan.fat
    )
    if scan.receive is not None:
        signal = signal * receive_field(scan.receive, shape, maps.spacing, device)
    axis = 0 if scan.resolution is None else scan.resolution.axis
    matrices = (
        None
        if scan.resolution is None
        else slice_matrices(scan.resolution, shape[axis], maps.spacing[axis], device)
    )
    first, second = (other for other in range(3) if other != axis)
    pixel = (maps.spacing[first], maps.spacing[second])
    slices = _to_slices(signal, axis, matrices)
    moved = slices if scan.motion is None else move(slices, scan.motion, pixel)
    if scan.ghosts is not None:
        source = _to_slices(signal * maps.flow, axis, matrices)
        moved = ghost(moved, source, scan.ghosts, pixel)
    image = _measure(moved, scan, pixel)
    if matrices is not None:
        image = along(matrices[1], image, 0)
    return image.movedim(0, axis).contiguous()


def _to_slices(values: Tensor, axis: int, matrices: tuple[Tensor, Tensor] | None) -> Tensor:
    """Values with the slices first, averaged over their thickness."""
    values = values.movedim(axis, 0)
    return values if matrices is None else along(matrices[0], values, 0)


def _measure(slices: Tensor, scan: Scan, pixel: tuple[float, float]) -> Tensor:
    """Magnitude of slices with their noise and the resolution of k-space."""
    filters: list[tuple[int, Tensor]] = []
    if scan.resolution is not None:
        for axis, (step, fine) in enumerate(zip(pixel, scan.resolution.pixel, strict=True), 1):
            keep = min(step / fine, 1.0)
            if keep < 1:
                size = slices.shape[axis]
                matrix = truncation(size, keep, scan.resolution.taper, slices.device)
                filters.append((axis, matrix))

    def measured(values: Tensor) -> Tensor:
        for axis, matrix in filters:
            values = along(matrix, values, axis)
        return values

    complex_valued = slices.is_complex()
    real = slices.real if complex_valued else slices
    imaginary = slices.imag if complex_valued else None
    if scan.noise is None:
        real = measured(real)
        return real.abs() if imaginary is None else torch.hypot(real, measured(imaginary))
    # the SNR is that of the image: truncation takes noise away
    kept = 1.0
    for _, matrix in filters:
        kept *= float(matrix.square().sum() / matrix.shape[0]) ** 0.5
    sigma = reference_signal(scan.sequence, scan.field_t) / scan.noise.snr / kept
    return noisy_magnitude(real, sigma, scan.noise, measured, imaginary)
