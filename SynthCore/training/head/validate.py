"""Figures of the head model on label maps that were never trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import nn

from SynthCore.models.normalize import normalize
from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.quality.overlap import dice
from SynthCore.training.apply import predict_mean
from SynthCore.training.head.card import MIRRORED
from SynthCore.training.head.sampler import HU_SCALE, NORMALIZATION
from SynthCore.training.head.study import WIDE_SPACES, Acquisition, Study, draw_study, make_box

Float32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

BONE_HU = 200.0

MOST_SLICES = 64
"""Of a head; of thin slices those of the upper head."""

PROTOCOLS: dict[str, tuple[str, Acquisition]] = {
    "T1, 1 mm": ("T1", Acquisition(0, 1.0, 1.0, 1)),
    "T1c, 3 mm": ("T1c", Acquisition(0, 3.0, 3.0, 3)),
    "T2, 5 mm": ("T2", Acquisition(0, 5.0, 5.5, 4)),
    "T1, 6 mm": ("T1", Acquisition(0, 6.0, 6.0, 5)),
}
"""Role and slices of the generated scans that the card tells of."""


PEOPLE = {0.0: "", WIDE_SPACES: ", half of them with more fluid around the brain"}
"""Share of people with wide fluid spaces, and how the card names them."""


@dataclass(frozen=True)
class Figures:
    """One head and scan.

    Attributes
    ----------
    mae_hu, me_hu : float
        Mean absolute and mean signed error in the body (synthetic less generated).
    me_soft_hu : float
        Signed error where the generated CT lies between -200 and 200 HU.
    soft_hu, bone_hu, air_hu : float
        Medians of the synthetic CT where the generated one is brain (0 to 80 HU), bone (above
        `BONE_HU`) and air within the head (below -800 HU).
    bone_dice : float
        Above `BONE_HU` in both, whole head.
    vault_dice : float
        The same above the roofs of the orbits.
    holes : float
        Share of rays that leave the upper head without meeting bone; see `open_rays`.
    """

    mae_hu: float
    me_hu: float
    me_soft_hu: float
    soft_hu: float
    bone_hu: float
    air_hu: float
    bone_dice: float
    vault_dice: float
    holes: float


def open_rays(
    hu: Float32,
    spacing: tuple[float, float, float],
    center: tuple[float, float, float],
    rays: int = 2000,
    lowest_degrees: float = 20.0,
) -> float:
    """Share of rays from a point in the brain to the upper head that meet no bone.

    Rays start at `center`, spread evenly over the directions at least `lowest_degrees` above the
    horizontal plane, and are followed to the end of the image; those that leave the image through
    its top before they leave the body do not count. Slices are interpolated linearly.

    Parameters
    ----------
    hu : numpy.ndarray
        [k, j, i], k toward superior.
    spacing : tuple of float
        mm along (k, j, i).
    center : tuple of float
        Voxel (k, j, i).
    rays : int
        How many.
    lowest_degrees : float
        Rays lower than that run through face and skull base.

    Returns
    -------
    float
        0 to 1; not a number if no ray counts.
    """
    n = np.arange(rays) + 0.5
    up = np.sin(np.radians(lowest_degrees)) + (1 - np.sin(np.radians(lowest_degrees))) * n / rays
    around = np.pi * (1 + 5**0.5) * n
    flat = np.sqrt(1 - up**2)
    direction = np.stack([up, flat * np.cos(around), flat * np.sin(around)])
    steps = np.arange(0, 160, 0.5)
    points = [c + direction[axis][:, None] * steps / spacing[axis] for axis, c in enumerate(center)]
    values = ndimage.map_coordinates(hu, points, order=1, mode="constant", cval=-1001.0)
    # a ray counts if it comes out of the body: air at its end that is still within the image
    inside = np.all(
        [(p >= 0) & (p <= size - 1) for p, size in zip(points, hu.shape, strict=True)], axis=0
    )
    leaves = (inside & (values < -500)).any(axis=1)
    meets = (values > BONE_HU).any(axis=1)
    return float((leaves & ~meets).sum() / leaves.sum()) if leaves.any() else float("nan")


def predict(network: nn.Module, mr: Float32, slices: int) -> Float32:
    """Synthetic CT (HU) of axial slices at `PLANE_MM`, as the engine makes it."""
    channels = normalize(mr, NORMALIZATION)[None]
    made = predict_mean(network, channels, slices, MIRRORED) * np.float32(HU_SCALE)
    return np.asarray(np.clip(made, -1024, 3071), dtype=np.float32)


def figures(made: Float32, truth: Float32, body: Bools, vault: int) -> Figures:
    """Compare a synthetic CT with the generated one; `vault` is the first slice above the orbits.

    Holes are left out (0): see `judge`.
    """
    error = made - truth
    soft = body & (truth > -200) & (truth < 200)
    brain, bone = body & (truth > 0) & (truth < 80), truth > BONE_HU
    air = body & (truth < -800)
    upper = slice(max(0, vault), None)
    return Figures(
        mae_hu=float(np.abs(error[body]).mean()),
        me_hu=float(error[body].mean()),
        me_soft_hu=float(error[soft].mean()),
        soft_hu=float(np.median(made[brain])),
        bone_hu=float(np.median(made[bone])),
        air_hu=float(np.median(made[air])) if air.any() else float("nan"),
        bone_dice=dice(made > BONE_HU, bone),
        vault_dice=dice(made[upper] > BONE_HU, bone[upper]),
        holes=0.0,
    )


def judge(network: nn.Module, anatomy: Anatomy, study: Study, slices: int) -> Figures:
    """Make a whole head's scan, let the network work on it, and compare."""
    step = study.acquisition.slice_mm
    height, depth, width = anatomy.extent_mm
    first = max(0.0, anatomy.center[0] * anatomy.spacing[0] - 90.0)  # the neck is left out
    count = int((height - first + 5) / step)
    if count > MOST_SLICES:  # the lower ones are left out
        first, count = first + (count - MOST_SLICES) * step, MOST_SLICES
    middle = (
        anatomy.origin[0] + (first + (count - 1) * step / 2) / anatomy.spacing[0],
        anatomy.origin[1] + depth / 2 / anatomy.spacing[1],
        anatomy.origin[2] + width / 2 / anatomy.spacing[2],
    )
    sides = (int(depth) // 16 * 16 + 16, int(width) // 16 * 16 + 16)
    mr, hu, body = (v.cpu().numpy() for v in make_box(study, anatomy, middle, count, sides))
    made = predict(network, mr, slices)
    vault = int((anatomy.vault * anatomy.spacing[0] - first) / step)
    found = figures(made, hu, body, vault)
    center = _brain_center(hu, body, vault)
    return Figures(**{**vars(found), "holes": open_rays(made, (step, 1.0, 1.0), center)})


def _brain_center(hu: Float32, body: Bools, vault: int) -> tuple[float, float, float]:
    level = min(max(vault, 0), hu.shape[0] - 1)
    inside = body[level] & (hu[level] > 0) & (hu[level] < 80)
    j, i = (float(c) for c in ndimage.center_of_mass(inside if inside.any() else body[level]))
    return float(level), j, i


def table(
    network: nn.Module,
    heads: Mapping[str, Anatomy],
    slices: int,
    seed: int = 11,
    spaces: float = 0.0,
) -> dict[str, list[Figures]]:
    """Figures of every head, by protocol; `spaces` as of `draw_study`."""
    found: dict[str, list[Figures]] = {}
    for p, (name, (role, acquisition)) in enumerate(PROTOCOLS.items()):
        for h, anatomy in enumerate(heads.values()):
            rng = np.random.default_rng((seed, p, h))
            study = draw_study(rng, role, acquisition, spread=1.0, spaces=spaces)
            with torch.no_grad():
                found.setdefault(name, []).append(judge(network, anatomy, study, slices))
    return found


def mean(rows: Sequence[Figures]) -> dict[str, float]:
    """Mean over heads of each figure; of holes the largest."""
    values = {
        f.name: float(np.nanmean([getattr(row, f.name) for row in rows])) for f in fields(Figures)
    }
    return {**values, "holes": max(row.holes for row in rows)}


def quality(network: nn.Module, heads: Mapping[str, Anatomy], slices: int) -> list[dict[str, Any]]:
    """The card's figures, one entry a protocol, without and with more fluid around the brain."""
    found = []
    for spaces, people in PEOPLE.items():
        for name, rows in table(network, heads, slices, spaces=spaces).items():
            found.append(_entry(f"generated scans ({name}) of {', '.join(heads)}{people}", rows))
            found[-1]["bone_dice_by_head"] = {
                head: round(row.bone_dice, 3) for head, row in zip(heads, rows, strict=True)
            }
    return found


def _entry(data: str, rows: Sequence[Figures]) -> dict[str, Any]:
    return {
        "preset": "mean over heads, HU unclipped; of holes the largest",
        "data": data,
        "mask": "body with the air inside; bone is CT above 200 HU, anywhere; holes are "
        "the share of 2,000 rays from the brain to the upper head that meet no bone",
        "clip": None,
        "data_range": None,
        "metrics": {k: round(v, 3) for k, v in mean(rows).items()},
        "command": "synthcore train mr-to-ct-head",
    }
