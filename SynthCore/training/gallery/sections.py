"""What the page shows: people, three planes, lesions, fluid, shortcomings, CT kernels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.physics.generator.ct_look import KERNELS, apply_ct, draw_ct
from SynthCore.physics.generator.lesions import KINDS, draw_lesion
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.person import Person, apply_person, draw_person
from SynthCore.physics.generator.record import to_json
from SynthCore.physics.generator.resolution import SMOOTH
from SynthCore.physics.generator.scan import PARTS, Options, Scan, apply_scan, draw_scan
from SynthCore.physics.generator.sequences import ROLES
from SynthCore.physics.generator.spaces import Spaces
from SynthCore.physics.generator.told import ct_lines, describe, scan_lines
from SynthCore.physics.generator.window import Orientation, Window
from SynthCore.training.gallery.pictures import Picture, ct_picture, mr_picture

SLAB = 15
"""Slices made for one that is shown: thick slices see their neighbors."""

_COARSE_MM = 3.0
_TRIES = 60


@dataclass(frozen=True)
class Row:
    """Pictures side by side, with a title and the draws that made them as JSON."""

    title: str
    pictures: tuple[Picture, ...]
    records: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """Rows under a heading."""

    title: str
    text: str
    rows: tuple[Row, ...]


def people(heads: list[tuple[str, Anatomy]], rng: np.random.Generator, count: int) -> Iterator[Row]:
    """People, each in all sequences and in CT, as a training would see them."""
    for number in range(count):
        name, head = heads[number % len(heads)]
        person = draw_person(rng, healthy=0.4)
        maps = slab(person, head, _shown(person, head))
        yield _everything(f"{name}, {describe(person)}", person, maps, rng, Options())


def lesions(heads: list[tuple[str, Anatomy]], rng: np.random.Generator) -> Iterator[Row]:
    """A lesion of every kind that is drawn, in every sequence and in CT, by quiet scanners."""
    for number, kind in enumerate(kind for kind in KINDS if kind != "edema"):
        name, head = heads[number % len(heads)]
        person = draw_person(rng, healthy=1.0)
        count = 14 if kind == "plaque" else 1
        person = replace(person, lesions=tuple(draw_lesion(rng, kind) for _ in range(count)))
        maps = slab(person, head, _shown(person, head))
        title = f"{kind}; {name}, {person.field_t:g} T"
        options = Options(strength=0.3, thickness=(1.0, 3.0))
        yield _everything(title, person, maps, rng, options, strength=0.3)


def wide_spaces(heads: list[tuple[str, Anatomy]], rng: np.random.Generator) -> Iterator[Row]:
    """One person without and with each kind of wide fluid space, low in the head."""
    name, head = heads[0]
    person = replace(draw_person(rng, healthy=1.0), spaces=Spaces())
    options = Options(strength=0.3, thickness=(1.0, 1.2))
    kinds = {
        "the label map's spaces": Spaces(),
        "atrophy": Spaces(rim_mm=5.0, rim_varies=0.4),
        "large cisterns": Spaces(low_mm=10.0, rim_varies=0.4),
        "deep fissures": Spaces(fissure_mm=1.2, apart_mm=4.0, deep_mm=15.0),
        "cyst": Spaces(cyst_mm=22.0, cyst_at=(-35.0, 50.0, 25.0)),
    }
    k, j, i = middle_of(head)
    low = (k - 35.0 / head.spacing[0], j, i)
    for title, spaces in kinds.items():
        one = replace(person, spaces=spaces)
        maps = slab(one, head, low)
        yield _everything(f"{title}; {name}", one, maps, rng, options, strength=0.3)


def planes(heads: list[tuple[str, Anatomy]], rng: np.random.Generator) -> Iterator[Row]:
    """One head in three planes."""
    name, head = heads[0]
    person = draw_person(rng, healthy=1.0)
    plane: Orientation
    options = Options(strength=0.4, thickness=(1.0, 1.2))
    scans = {role: draw_scan(rng, role, person.field_t, options) for role in ("T1", "T2", "FLAIR")}
    look = draw_ct(rng, strength=0.3, thickness=(1.0, 1.0))
    for plane in ("axial", "coronal", "sagittal"):
        maps = slab(person, head, middle_of(head), plane)
        middle, flip = SLAB // 2, plane != "axial"
        shown = [
            mr_picture(_turn(apply_scan(scan, maps)[middle], flip), _turn(maps.body[middle], flip),
                       scan_lines(scan))
            for scan in scans.values()
        ]  # fmt: skip
        ct = apply_ct(look, maps)[middle]
        shown += [
            ct_picture(_turn(ct, flip), window, (f"CT, {window} window", *ct_lines(look)))
            for window in ("brain", "bone")
        ]
        yield Row(f"{plane}; {name}", tuple(shown), (person.to_json(),))


def shortcomings(heads: list[tuple[str, Anatomy]], rng: np.random.Generator) -> Iterator[Row]:
    """Every shortcoming of a scanner, off and on, at full strength."""
    name, head = heads[0]
    person = draw_person(rng, healthy=1.0)
    maps = slab(person, head, middle_of(head))
    middle = SLAB // 2
    for part in PARTS:
        role = "T1" if part in ("flow", "transmit") else "T2"
        chosen = ("resolution", "ringing") if part == "ringing" else (part,)
        scan = _with(part, rng, role, person.field_t, Options(parts=chosen))
        bare = _without(scan, part)
        plain, made = apply_scan(bare, maps)[middle], apply_scan(scan, maps)[middle]
        body = maps.body[middle]
        white = float(torch.quantile(plain[body], 0.995)) if body.any() else None
        off = mr_picture(plain, body, (f"without {part}",), white=white)
        on = mr_picture(made, body, (f"with {part}", *scan_lines(scan)), white=white)
        yield Row(f"{part}; {name}", (off, on), (to_json(scan),))


def kernels(heads: list[tuple[str, Anatomy]], rng: np.random.Generator) -> Iterator[Row]:
    """CT by kernel, with more and less noise."""
    name, head = heads[0]
    person = draw_person(rng, healthy=1.0)
    maps = slab(person, head, middle_of(head))
    for noise in (4.0, 20.0):
        looks = [
            replace(draw_ct(rng, kernel=kernel, thickness=(2.0, 2.0)), noise_hu=noise)
            for kernel in KERNELS
        ]
        shown = [
            ct_picture(apply_ct(look, maps)[SLAB // 2], window, ct_lines(look))
            for look in looks
            for window in ("soft", "bone")
        ]
        yield Row(f"noise of {noise:g} HU; {name}", tuple(shown), tuple(map(to_json, looks)))


def _everything(
    title: str,
    person: Person,
    maps: TissueMaps,
    rng: np.random.Generator,
    options: Options,
    strength: float = 1.0,
) -> Row:
    middle = SLAB // 2
    scans = [draw_scan(rng, role, person.field_t, options) for role in ROLES]
    shown = [
        mr_picture(apply_scan(scan, maps)[middle], maps.body[middle], scan_lines(scan))
        for scan in scans
    ]
    look = draw_ct(rng, strength=strength)
    ct = apply_ct(look, maps)[middle]
    for window in ("brain", "bone"):
        shown.append(ct_picture(ct, window, (f"CT, {window} window", *ct_lines(look))))
    records = (person.to_json(), *(to_json(drawn) for drawn in (*scans, look)))
    return Row(title, tuple(shown), records)


def slab(
    person: Person, head: Anatomy, center: tuple[float, ...], plane: Orientation = "axial"
) -> TissueMaps:
    """`SLAB` slices of 1 mm around a center [k, j, i], in voxels of the label map."""
    k, j, i = center
    high, deep, wide = (math.ceil(mm) for mm in head.extent_mm)
    across = {"axial": (deep, wide), "coronal": (high, wide), "sagittal": (high, deep)}[plane]
    window = Window((k, j, i), (SLAB, *across), (1.0, 1.0, 1.0), plane)
    return apply_person(person, head, window)


def middle_of(head: Anatomy) -> tuple[float, float, float]:
    """Center of the crop, at the height of the cerebrum's center."""
    k, j, i = (o + (n - 1) / 2 for o, n in zip(head.origin, head.shape, strict=True))
    del k
    return head.origin[0] + head.center[0], j, i


def _shown(person: Person, head: Anatomy) -> tuple[float, float, float]:
    """Where the slice lies that shows most of the lesions, or the middle of the cerebrum."""
    middle = middle_of(head)
    if not person.lesions:
        return middle
    k, j, i = (max(4, math.ceil(mm / _COARSE_MM)) for mm in head.extent_mm)
    whole = tuple(o + (n - 1) / 2 for o, n in zip(head.origin, head.shape, strict=True))
    window = Window((whole[0], whole[1], whole[2]), (k, j, i), (_COARSE_MM,) * 3)
    area = (apply_person(person, head, window).lesion > 0).sum(dim=(1, 2))
    if not area.any():
        return middle
    level = (int(area.argmax()) - (k - 1) / 2) * _COARSE_MM / head.spacing[0]
    return whole[0] + level, middle[1], middle[2]


def _turn(image: Tensor, flip: bool) -> Tensor:
    """Superior up in coronal and sagittal pictures."""
    return image.flip(0) if flip else image


def _with(part: str, rng: np.random.Generator, role: str, field_t: float, options: Options) -> Scan:
    """A scan whose shortcoming shows: some are drawn for a share of scans only."""
    kind = "FLASH" if part == "transmit" else None
    options = replace(options, kind=kind)
    for _ in range(_TRIES):
        scan = draw_scan(rng, role, field_t, options)
        if part == "ringing":
            sharp = scan.resolution is not None and scan.resolution.taper == 0
        elif part == "fat":
            sharp = scan.fat.kept < 1
        else:
            sharp = getattr(scan, {"flow": "blood"}.get(part, part)) is not None
        if sharp:
            break
    if part == "ringing" and scan.resolution is not None:
        coarse = replace(scan.resolution, thickness=1.0, distance=1.0, pixel=(2.0, 2.0))
        scan = replace(scan, resolution=coarse)
    return scan


def _without(scan: Scan, part: str) -> Scan:
    if part == "ringing" and scan.resolution is not None:
        first, second = (SMOOTH * mm for mm in scan.resolution.pixel)
        smooth = replace(scan.resolution, taper=1.0, pixel=(first, second))
        return replace(scan, resolution=smooth)
    if part == "flow":
        return replace(scan, blood=1.0)
    if part == "fat":
        return replace(scan, fat=replace(scan.fat, kept=1.0, shift=0.0))
    none: dict[str, None] = {part: None}
    return replace(scan, **none)  # type: ignore[arg-type]
