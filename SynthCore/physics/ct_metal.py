"""Metal in a CT slice and its streaks: beam hardening, and photons that do not get through.

As `SynthCore.physics.ct_dose` adds noise alone, this adds to a slice only what the metal changes.
Water and bone of the slice are projected; the metal's line integrals are those of ellipses. A beam
of several energies passes both with and without the metal, and what the scanner makes of it as if
all were water, less what is right, is filtered, back-projected and added. Behind metal photons are
few: their noise is added to the slice's own, and counts below the detector's floor are lifted to
it, which cuts line integrals off.

References: De Man et al., IEEE Trans Nucl Sci 1999;46:691 (causes of streaks); Barrett and Keat,
RadioGraphics 2004;24:1679 (what they look like); NISTIR 5632 (Hubbell and Seltzer) for attenuation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.errors import InputError
from SynthCore.physics.cone_beam.beam import attenuate, linearize, materials
from SynthCore.physics.ct_dose import line_integrals
from SynthCore.physics.ct_projection import (
    KERNEL_CUTOFF_PER_MM,
    Float,
    back_project,
    filter_rows,
    slice_coordinates,
)
from SynthCore.physics.ct_scanner import MU_WATER_PER_MM, Scanner, photons_sent

METALS: dict[str, tuple[float, tuple[float, ...]]] = {
    "titanium": (0.247, (2.227, 1.407, 0.744, 0.500)),
    "steel": (0.650, (2.371, 1.459, 0.721, 0.450)),
}
"""Attenuation per mm at 70 keV, and at 50, 60, 80 and 100 keV relative to it (NIST: titanium of
4.54 g/ml, iron of 7.87 g/ml; at 70 keV by interpolation of logarithms)."""

HIGHEST = 3071.0
"""HU that twelve bits hold: metal looks like this, whatever it is."""

_FLOOR = 4.0  # counts below which a detector says nothing, as in `ct_scanner`
_RAY_PITCH_MM = 0.6


@dataclass(frozen=True)
class Implant:
    """A piece of metal with an elliptic section, straight along k.

    Attributes
    ----------
    metal : str
        A key of `METALS`.
    center : tuple of float
        (j, i) in pixels.
    radii : tuple of float
        Half axes, mm.
    angle : float
        Of the first half axis from the direction of i, radians.
    slices : tuple of int
        First slice and the one after the last.
    """

    metal: str
    center: tuple[float, float]
    radii: tuple[float, float]
    angle: float
    slices: tuple[int, int]


def draw_implants(
    rng: np.random.Generator, hu: npt.NDArray[Any], spacing_mm: tuple[float, float, float]
) -> tuple[Implant, ...]:
    """Draw implants that lie in bone: a screw or rod, a joint's head, or several fillings.

    Parameters
    ----------
    rng : numpy.random.Generator
        What is random.
    hu : numpy.ndarray
        Shape ``(k, j, i)``, HU; where there is no bone, soft tissue holds the metal.
    spacing_mm : tuple of float
        Distance of voxels along (i, j, k).

    Returns
    -------
    tuple of Implant
        Empty where there is nothing but air.
    """
    places = np.argwhere(hu > 250)
    if len(places) < 50:
        places = np.argwhere(hu > -100)
    if len(places) == 0:
        return ()
    kind = str(rng.choice(["screw", "joint", "fillings"]))
    count = int(rng.integers(2, 6)) if kind == "fillings" else 1
    low, high = {"screw": (1.5, 4.0), "joint": (8.0, 20.0), "fillings": (1.5, 4.5)}[kind]
    metal = str(rng.choice(["titanium", "steel"])) if kind != "fillings" else "steel"
    first = places[rng.integers(len(places))]
    made = []
    for _ in range(count):
        # fillings stand within a jaw of each other
        distance = np.abs((places - first) * np.array(spacing_mm[::-1])).max(axis=1)
        near = places[distance < 30]
        k, j, i = near[rng.integers(len(near))] if kind == "fillings" else first
        radius = float(rng.uniform(low, high))
        half = radius if kind != "screw" else float(rng.uniform(5, 25))
        reach = max(1, round(half / spacing_mm[2]))
        shape = (radius * float(rng.uniform(1, 1.5)), radius)
        made.append(
            Implant(
                metal,
                (float(j), float(i)),
                shape,
                float(rng.uniform(0, math.pi)),
                (max(0, int(k) - reach), min(hu.shape[0], int(k) + reach + 1)),
            )
        )
    return tuple(made)


def insert_implants(
    hu: npt.NDArray[Any],
    spacing_mm: tuple[float, float, float],
    implants: tuple[Implant, ...],
    *,
    seed: int,
    kernel: str = "standard",
    hardness: float = 0.5,
    scanner: Scanner | None = None,
) -> Float:
    """Put metal and its streaks into a CT image.

    Parameters
    ----------
    hu : numpy.ndarray
        Shape ``(k, j, i)``, HU.
    spacing_mm : tuple of float
        Distance of voxels along (i, j, k).
    implants : tuple of Implant
        What to put in.
    seed : int
        Slice k draws its noise from the stream (seed, k).
    kernel : str
        ``soft``, ``standard`` or ``sharp``.
    hardness : float
        Of the beam, as in `SynthCore.physics.cone_beam.beam.attenuate`.
    scanner : Scanner, optional
        Fluence, electronic noise, bowtie filter, modulation.

    Returns
    -------
    numpy.ndarray
        Shape ``(k, j, i)``, float32, HU up to `HIGHEST`; slices without metal as they were.

    Raises
    ------
    InputError
        If there is no such metal, or one slice holds two: a ray would harden by both.
    """
    for implant in implants:
        if implant.metal not in METALS:
            raise InputError(f"There is no metal {implant.metal!r}; use {', '.join(METALS)}.")
    scanner = scanner or Scanner()
    result = np.array(hu, dtype=np.float32)
    for k in range(len(result)):
        here = [one for one in implants if one.slices[0] <= k < one.slices[1]]
        if not here:
            continue
        if len({one.metal for one in here}) > 1:
            raise InputError(f"Slice {k + 1} would hold two metals; put one of them elsewhere.")
        generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k,)))
        result[k] += _streaks(result[k], spacing_mm, here, kernel, hardness, scanner, generator)
        for implant in here:
            result[k][_inside(implant, result[k].shape, spacing_mm)] = HIGHEST
        np.clip(result[k], -1024, HIGHEST, out=result[k])
    return result


def _streaks(
    hu: Float,
    spacing: tuple[float, float, float],
    implants: list[Implant],
    kernel: str,
    hardness: float,
    scanner: Scanner,
    generator: np.random.Generator,
) -> Float:
    """What the metal changes in one slice, HU."""
    rows, columns = hu.shape
    plane = spacing[:2]
    pitch = min(_RAY_PITCH_MM, 0.5 / KERNEL_CUTOFF_PER_MM[kernel])  # or a sharp kernel is cut off
    reach = 0.5 * float(np.hypot(columns * plane[0], rows * plane[1])) + 2 * pitch
    rays = 2 * math.ceil(reach / pitch) + 1
    distances = (np.arange(rays, dtype=np.float32) - rays // 2) * np.float32(pitch)
    # line_integrals wants HU; bone's share is handed to it as if it stood in a vacuum
    both = materials(torch.from_numpy(np.clip(hu, -1000, None)))
    water, bone = (
        torch.from_numpy(
            line_integrals(
                (1000 * part / MU_WATER_PER_MM - 1000).numpy(), plane, distances, scanner.views
            )
        )
        for part in both
    )
    metal = torch.zeros_like(water)
    for implant in implants:
        metal += METALS[implant.metal][0] * torch.from_numpy(
            _chords(implant, hu.shape, plane, distances, scanner.views)
        )
    metal_at = METALS[implants[0].metal][1]
    clean = attenuate(water, bone, hardness)
    true = attenuate(water, bone, hardness, metal, metal_at)
    photons = torch.from_numpy(photons_sent(clean.numpy(), distances, spacing[2], scanner))
    white = torch.from_numpy(generator.standard_normal(clean.shape, dtype=np.float32))
    counts = photons * torch.exp(-true)
    deviation = (counts + scanner.electronic_noise**2).sqrt()
    measured = -((counts + deviation * white).clamp_min(_FLOOR) / photons).log()
    # rays that miss the metal keep the slice's own noise
    measured = torch.where(metal > 0, measured, clean)
    change = linearize(measured, hardness, 1.0) - linearize(clean, hardness, 1.0) - metal
    filtered = filter_rows(change.numpy(), pitch, kernel)
    mu = back_project(filtered, float(distances[0]), pitch, (rows, columns), plane)
    return np.asarray(mu * np.float32(1000 / MU_WATER_PER_MM), dtype=np.float32)


def _chords(
    implant: Implant,
    shape: tuple[int, ...],
    spacing: tuple[float, ...],
    distances: Float,
    views: int,
) -> Float:
    """Length (mm) of every ray in the metal, shape ``(views, d)``."""
    x, y = slice_coordinates((shape[0], shape[1]), (spacing[0], spacing[1]))
    center = (x[0] + implant.center[1] * spacing[0], y[0] + implant.center[0] * spacing[1])
    a, b = implant.radii
    angles = np.pi * np.arange(views, dtype=np.float32)[:, None] / views
    away = distances[None, :] - center[0] * np.cos(angles) - center[1] * np.sin(angles)
    turned = angles - implant.angle
    # half width of the ellipse's shadow
    square = (a * np.cos(turned)) ** 2 + (b * np.sin(turned)) ** 2
    lengths = 2 * a * b * np.sqrt(np.clip(square - away**2, 0, None)) / square
    return np.asarray(lengths, dtype=np.float32)


def _inside(
    implant: Implant, shape: tuple[int, ...], spacing: tuple[float, ...]
) -> npt.NDArray[np.bool_]:
    """Pixels of one slice whose center lies in the metal."""
    y = (np.arange(shape[0])[:, None] - implant.center[0]) * spacing[1]
    x = (np.arange(shape[1])[None, :] - implant.center[1]) * spacing[0]
    cosine, sine = math.cos(implant.angle), math.sin(implant.angle)
    first, second = x * cosine + y * sine, y * cosine - x * sine
    inside = (first / implant.radii[0]) ** 2 + (second / implant.radii[1]) ** 2 <= 1
    return np.asarray(inside)
