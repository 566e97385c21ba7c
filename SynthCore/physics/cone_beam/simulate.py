"""A drawn cone-beam scan applied to a CT volume.

What it is not: slices are projected as if each lay in the central plane (no cone artifacts); an
offset detector is taken as one of full width; motion is of the whole slice; scatter is a
convolution (`scatter`) and not a transport calculation; noise of neighboring slices is
independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from SynthCore.errors import InputError
from SynthCore.physics.cone_beam.beam import attenuate, linearize, materials
from SynthCore.physics.cone_beam.detector import detect, photons
from SynthCore.physics.cone_beam.fan import Fan, circle, project
from SynthCore.physics.cone_beam.metal import insert_metal
from SynthCore.physics.cone_beam.reconstruct import back_project, filter_views
from SynthCore.physics.cone_beam.scan import ConeBeam
from SynthCore.physics.cone_beam.scatter import lit_share, scattered
from SynthCore.physics.ct_scanner import MU_WATER_PER_MM, Scanner, bowtie

OUTSIDE_HU = -1000.0
HU_RANGE = (-1024.0, 3071.0)
_FEWEST = 0.5
_EMPTY_HU = -980.0
_SLICES_AT_ONCE = 64


@dataclass(frozen=True)
class ConeBeamImage:
    """What a cone-beam scan gives.

    Attributes
    ----------
    hu : Tensor
        [k, j, i], float32; `OUTSIDE_HU` where nothing is seen.
    seen : Tensor
        [k, j, i], bool: inside the field of view and the beam's extent.
    truth : Tensor
        [k, j, i], float32: the CT of what was scanned, with its metal.
    """

    hu: Tensor
    seen: Tensor
    truth: Tensor


def apply_cone_beam(
    scan: ConeBeam, hu: Tensor, spacing_mm: tuple[float, float, float]
) -> ConeBeamImage:
    """Scan a CT volume.

    Parameters
    ----------
    scan : ConeBeam
        All that is random is in it.
    hu : Tensor
        Shape ``(k, j, i)``, float32, Hounsfield units; what lies outside is air.
    spacing_mm : tuple of float
        Along (k, j, i).

    Returns
    -------
    ConeBeamImage
        On the grid of `hu`.

    Notes
    -----
    Volumes of more than `_SLICES_AT_ONCE` slices are made in blocks of so many, each with its own
    exposure (by the thickest part of the block) and its own scatter: between a trunk and a neck
    both change at a block's end, and not as smoothly as in one scan.

    Raises
    ------
    InputError
        If the volume has not three axes, holds values that are not numbers, or a spacing is not
        above 0.
    """
    if hu.ndim != 3 or not bool(torch.isfinite(hu).all()):
        raise InputError("The CT volume must have three axes and finite values only.")
    if min(spacing_mm) <= 0:
        raise InputError("Spacing must be above 0 mm.")
    truth = insert_metal(hu.float(), spacing_mm, scan.metal)
    parts = [
        _scan_slices(scan, truth, spacing_mm, first)
        for first in range(0, hu.shape[0], _SLICES_AT_ONCE)
    ]
    made = torch.cat(parts)
    fan = make_fan(scan)
    z = (torch.arange(hu.shape[0], device=hu.device) - (hu.shape[0] - 1) / 2) * spacing_mm[0]
    plane = circle(fan, (hu.shape[1], hu.shape[2]), spacing_mm[1:], hu.device)
    seen = (z.abs() <= scan.extent_mm / 2)[:, None, None] & plane[None]
    return ConeBeamImage(made.masked_fill(~seen, OUTSIDE_HU), seen, truth.clamp(*HU_RANGE))


def make_fan(scan: ConeBeam) -> Fan:
    """The rays of a scan: as many as its field of view needs."""
    half = scan.field_mm / 2
    reach = half * scan.source_mm / math.sqrt(scan.source_mm**2 - half**2)
    rays = math.ceil(2 * reach / scan.pitch_mm)
    return Fan(scan.views, scan.source_mm, scan.pitch_mm, rays, scan.center_mm)


def _scan_slices(
    scan: ConeBeam, volume: Tensor, spacing: tuple[float, float, float], first: int
) -> Tensor:
    """HU [k, j, i] of up to `_SLICES_AT_ONCE` slices, from `first` on."""
    depth = volume.shape[0]
    block = volume[first : first + _SLICES_AT_ONCE]
    count, rows, columns = block.shape
    fan = make_fan(scan)
    cleared = torch.where(block < _EMPTY_HU, -1000.0, block)  # noise in air would add up
    mu = materials(cleared).permute(2, 3, 0, 1).reshape(rows, columns, 2 * count)
    lines = project(mu, spacing[1:], fan, shifts(scan, block.device))
    water, bone = lines[..., :count], lines[..., count:]
    integrals = water + bone if scan.hardness is None else attenuate(water, bone, scan.hardness)
    opening = _bowtie(scan, fan, block.device)
    primary = opening * torch.exp(-integrals)
    lit = lit_share(depth, spacing[0], scan.extent_mm, scan.scatter.width_mm)
    arrived, guessed = scattered(
        primary, integrals, (scan.pitch_mm, spacing[0]), scan.scatter,
        lit[first : first + count].to(block.device),
    )  # fmt: skip
    sent = photons(scan, integrals, spacing[0])
    signal = detect(scan, primary + arrived, sent, first)
    clean = (signal - guessed) / opening
    floor = 1e-7 if sent is None else _FEWEST / sent
    measured = -torch.log(clean.clamp(min=floor))
    if scan.hardness is not None:
        measured = linearize(measured, scan.hardness, scan.hardening_corrected)
    filtered = filter_views(measured, fan, scan.cutoff_per_mm, scan.extension_mm)
    image = back_project(filtered, fan, (rows, columns), spacing[1:]).permute(2, 0, 1)
    relative = image / MU_WATER_PER_MM * (scan.gain * _calibration(scan))
    return ((relative - 1) * 1000 + scan.offset_hu).clamp(*HU_RANGE)


def shifts(scan: ConeBeam, device: torch.device) -> Tensor:
    """Place (x, y) in mm of the patient in every view, shape ``(views, 2)``."""
    turn = torch.arange(scan.views, device=device) / scan.views
    move = scan.motion
    swing = move.swing_mm * torch.sin(2 * math.pi * move.cycles * turn + move.phase)
    jump = move.jump_mm * (turn >= move.jump_at)
    x = swing * math.cos(move.angle) + jump * math.cos(move.jump_angle)
    y = swing * math.sin(move.angle) + jump * math.sin(move.jump_angle)
    return torch.stack([x, y], dim=1)


def _bowtie(scan: ConeBeam, fan: Fan, device: torch.device) -> Tensor:
    """Open beam, shape ``(1, rays, 1)``, 1 at the center."""
    scanner = Scanner(bowtie_radius_mm=scan.bowtie_mm, bowtie_strength=scan.bowtie_strength)
    places = np.asarray(fan.places(torch.device("cpu")))
    return torch.from_numpy(bowtie(places, scanner)).to(device)[None, :, None]


def _calibration(scan: ConeBeam) -> float:
    """Factor that makes a slab as thick as the phantom water, scatter and its correction in."""
    if scan.calibrated_mm is None:
        return 1.0
    path = MU_WATER_PER_MM * scan.calibrated_mm
    left = scan.scatter.behind(scan.calibrated_mm) * (1 - scan.scatter.corrected)
    return path / max(path - math.log(max(1 + left, 0.1)), 0.2 * path)
