"""From a drawn person and a label map to maps of tissue properties in a window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from SynthCore.physics.generator import noise
from SynthCore.physics.generator.anatomy import DEPTH_STEP, SKULL_STEP, Anatomy
from SynthCore.physics.generator.deformation import displacement, matrix
from SynthCore.physics.generator.labels import CODES
from SynthCore.physics.generator.lesions import Lesion, add_lesion, center_of
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.mixture import PROPERTIES, Mixture, Part, below, summands
from SynthCore.physics.generator.skull import add_bone, bone_share
from SynthCore.physics.generator.soft import Place, add_air, add_nasal, add_soft
from SynthCore.physics.generator.spaces import add_spaces
from SynthCore.physics.generator.texture import roughen
from SynthCore.physics.generator.tissue_values import NAMES
from SynthCore.physics.generator.window import AXES, Window

if TYPE_CHECKING:
    from SynthCore.physics.generator.person import Person

LATTICE_MM = 2.2
"""Spacing at which the deformation and the wider random fields are computed in a window."""

WIDE_MM = 32.0
WIDE_FIELDS = 9
"""Knots and number of the widest random fields; the last three are those of fluid spaces."""

Triple = tuple[float, float, float]


def compose(person: Person, anatomy: Anatomy, window: Window) -> TissueMaps:
    """See `person.apply_person`."""
    points, wide, middle = _points(person, anatomy, window)
    fine = noise.fine_noise(points, person.texture.fine_mm, person.texture.fine_shift)
    table = torch.from_numpy(summands(person.tissues)).to(points[0].device)
    voxel = [p / s for p, s in zip(points, anatomy.spacing, strict=True)]
    sampled, code = _sample(anatomy, voxel, table)
    place = Place(
        sampled[11], sampled[12], sampled[13], sampled[14], points, wide, middle, fine,
        points[0] - anatomy.vault * anatomy.spacing[0],
    )  # fmt: skip
    share, known_bone, spongy, nasal, air = sampled[6:11]
    known = torch.where(code < len(NAMES), code, 0)
    mixture = Mixture(table, sampled[:6], known, share.clone())
    add_spaces(mixture, share, place, person.spaces, _mm((anatomy.center,), anatomy.spacing)[0])
    # where the skull was moved its neighbors give way, or soft tissue and CSF fill in
    bone, outer, inner = bone_share(place, person.skull)
    give = ((1 - bone) / (1 - known_bone + 1e-3)).clamp(max=1.0)
    mixture.sums *= give
    mixture.most *= give
    soft = (1 - share - known_bone - nasal - air).clamp(min=0) * give
    freed = (1 - bone - (share + nasal + air) * give - soft).clamp(min=0)
    within = torch.sigmoid((0.5 - place.inner) * 3.0)
    layers, step = person.layers, anatomy.spacing
    add_air(mixture, air * give, place, layers)
    add_nasal(mixture, nasal * give, place, layers)
    mixture.add(freed * within, "csf")
    add_soft(mixture, soft + freed * (1 - within), place, layers, _mm(anatomy.eyes, step))
    ratio = (spongy / (known_bone + 1e-3)).clamp(max=1.0)
    add_bone(mixture, bone, ratio, (outer, inner), place, person.skull, _mm(anatomy.ears, step))
    _add_vessels(mixture, place, person)
    lesion = _add_lesions(mixture, person, anatomy, place)
    return _finish(mixture, person, anatomy, window, place, lesion)


def _mm(centers: tuple[Triple, ...], spacing: Triple) -> tuple[Triple, ...]:
    return tuple((c[0] * spacing[0], c[1] * spacing[1], c[2] * spacing[2]) for c in centers)


def _points(
    person: Person, anatomy: Anatomy, window: Window
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Points of the label map (mm of the crop) for every voxel, and two kinds of random fields.

    All of it is computed on a lattice and interpolated linearly.
    """
    device = anatomy.codes.device
    lines = window.points(anatomy.spacing, device)
    coarse = []
    for line, step in zip(lines, window.spacing, strict=True):
        count = min(len(line), max(2, math.ceil((len(line) - 1) * step / LATTICE_MM) + 1))
        ends = line[0].item(), line[-1].item()
        coarse.append(torch.linspace(*ends, count, device=device))
    grid = torch.meshgrid(*coarse, indexing="ij")
    by_axis: list[Tensor] = [grid[0]] * 3
    for values, axis in zip(grid, AXES[window.orientation], strict=True):
        by_axis[axis] = values
    steps, middle_of = anatomy.spacing, anatomy.center
    away = [
        (values - origin - center) * step
        for values, origin, center, step in zip(
            by_axis, anatomy.origin, middle_of, steps, strict=True
        )
    ]
    turn = matrix(person.deformation)
    points = [
        sum(away[b] * float(turn[a, b]) for b in range(3))
        + (middle_of[a] * steps[a] + person.deformation.shift_mm[a])
        for a in range(3)
    ]
    extent = anatomy.extent_mm
    moved = displacement(person.deformation, extent, device)
    where = _where(points, extent)  # type: ignore[arg-type]
    by = functional.grid_sample(moved, where, padding_mode="border", align_corners=True)[0]
    placed = [p + d for p, d in zip(points, by, strict=True)]
    texture = person.texture
    knots = [math.ceil(mm / WIDE_MM) + 2 for mm in extent]
    drawn = np.random.default_rng(texture.wide_seed).standard_normal((1, WIDE_FIELDS, *knots))
    control = torch.from_numpy((drawn * 1.4).astype(np.float32)).to(device)
    wide = functional.grid_sample(
        control, _where(placed, extent), padding_mode="border", align_corners=True
    )[0]
    middle = noise.smooth_noise(placed, texture.middle_mm, texture.middle_shift)
    everything = torch.stack([*placed, *wide, *middle])[None]
    full = functional.interpolate(
        everything, size=window.shape, mode="trilinear", align_corners=True
    )[0]
    return list(full[:3]), list(full[3 : 3 + WIDE_FIELDS]), list(full[3 + WIDE_FIELDS :])


def _where(points: list[Tensor], extent: Triple) -> Tensor:
    """Points in mm as `grid_sample` wants them over an extent, [1, k, j, i, 3]."""
    return torch.stack(
        [p * (2 / mm) - 1 for p, mm in zip(points[::-1], extent[::-1], strict=True)], dim=-1
    )[None]


def _sample(anatomy: Anatomy, voxel: list[Tensor], table: Tensor) -> tuple[Tensor, Tensor]:
    """What the label map says of every voxel, interpolated linearly, and its nearest code.

    Returns
    -------
    Tensor
        [15, k, j, i]: the six properties of known tissues by share, then shares of known tissue,
        bone, bone with marrow, nasal cavity, air; then depth, outer, inner (mm) and air nearby.
    Tensor
        int64 [k, j, i].
    """
    box = tuple(
        slice(
            min(max(0, math.floor(float(v.min()))), n - 2),
            max(2, min(n, math.ceil(float(v.max())) + 1)),
        )
        for v, n in zip(voxel, anatomy.shape, strict=True)
    )
    local = [v - part.start for v, part in zip(voxel, box, strict=True)]
    codes = anatomy.codes[box]
    size = codes.shape
    nearest = [v.round().clamp(0, n - 1).to(torch.int64) for v, n in zip(local, size, strict=True)]
    flat = (nearest[0] * size[1] + nearest[1]) * size[2] + nearest[2]
    found = codes.reshape(-1).index_select(0, flat.reshape(-1)).to(torch.int64)
    source = torch.empty(15, *size, device=codes.device)
    index = codes.reshape(-1).to(torch.int32)
    for channel, row in zip(source, _lookup(table), strict=False):
        channel.copy_(row.index_select(0, index).reshape(size))
    for channel, (name, step) in zip(
        source[11:],
        (("depth", DEPTH_STEP), ("outer", SKULL_STEP), ("inner", SKULL_STEP), ("air", 1 / 255)),
        strict=True,
    ):
        channel.copy_(getattr(anatomy, name)[box])
        channel.mul_(step)
    extent = [max(n - 1, 1) for n in size]
    where = _where(local, (extent[0], extent[1], extent[2]))
    sampled = functional.grid_sample(
        source[None], where, padding_mode="border", align_corners=True
    )[0]
    return sampled, found.reshape(voxel[0].shape)


def _lookup(table: Tensor) -> Tensor:
    """By code, [11, codes]: properties of known tissues, and the shares that `_sample` names."""
    made = torch.zeros(11, len(CODES), device=table.device)
    made[:6, 1 : len(NAMES)] = table[1:].T
    made[6, 1 : len(NAMES)] = 1
    made[7, [CODES["cortical"], CODES["spongy"]]] = 1
    made[8, CODES["spongy"]] = 1
    made[9, CODES["nasal"]] = 1
    made[10, CODES["air"]] = 1
    return made


def _add_vessels(mixture: Mixture, place: Place, person: Person) -> None:
    """Dura on the inside of the skull, vessels in the CSF of the sulci."""
    thin = below((place.inner + 0.3).abs(), 0.35, 0.15) * 0.7
    csf = mixture.is_any("csf").float()
    mixture.replace(thin * csf, "dura")
    if person.texture.vessels < 3:
        winding = below(place.middle[0].abs(), 0.12, 0.05) * below(place.middle[2].abs(), 0.5, 0.1)
        enough = torch.sigmoid((place.fine[0] + place.wide[1] - person.texture.vessels) * 5.0)
        near = below(place.outer, 18.0, 2.0)  # not in the ventricles
        mixture.replace(winding * enough * near * csf, "venous blood")


def _add_lesions(mixture: Mixture, person: Person, anatomy: Anatomy, place: Place) -> Tensor:
    """Put every lesion that touches the window into the mixture; the map of kinds."""
    kinds = torch.zeros(mixture.tissue.shape, dtype=torch.uint8, device=mixture.tissue.device)
    for lesion in person.lesions:
        center = center_of(lesion, anatomy)
        if center is None:
            continue
        at = tuple(c * s for c, s in zip(center, anatomy.spacing, strict=True))
        part = _touched(place.points, at, lesion)
        if part is None:
            continue
        distance = [p[part] - c for p, c in zip(place.points, at, strict=True)]
        size = max(lesion.radii_mm) / 4
        field = noise.smooth_noise(distance, size, lesion.shift)[0]
        add_lesion(mixture, kinds, lesion, distance, field, part)
    return kinds


def _touched(points: list[Tensor], at: tuple[float, ...], lesion: Lesion) -> Part | None:
    near = torch.ones_like(points[0], dtype=torch.bool)
    for values, c in zip(points, at, strict=True):
        near &= (values - c).abs() < lesion.reach_mm
    if not bool(near.any()):
        return None
    found = []
    for axis in range(3):
        hit = near.any(dim=(axis + 1) % 3, keepdim=True).any(dim=(axis + 2) % 3, keepdim=True)
        index = hit.flatten().nonzero()
        found.append(slice(int(index[0]), int(index[-1]) + 1))
    return found[0], found[1], found[2]


def _finish(
    mixture: Mixture,
    person: Person,
    anatomy: Anatomy,
    window: Window,
    place: Place,
    lesion: Tensor,
) -> TissueMaps:
    by_name = dict(zip(PROPERTIES, mixture.sums, strict=True))
    density = by_name["density"]
    least = density.clamp(min=1e-4)
    t1, t2, t2_star = (torch.exp(by_name[name] / least) for name in ("t1", "t2", "t2_star"))
    hu, agent = by_name["hu"].clone(), by_name["agent"].clamp(min=0)
    density = density.clamp(min=0)
    roughen(mixture.tissue, density, t1, hu, (place.fine, place.middle), person.texture.strength)
    flow = mixture.is_any("venous blood", "arterial blood").float() * mixture.most
    air = mixture.is_any("air")
    return TissueMaps(
        window.spacing, density, t1, t2, t2_star, agent, hu, mixture.tissue.to(torch.int16),
        lesion, (place.depth > 0.5) | ~air, person.field_t, flow,
    )  # fmt: skip
