"""Lesions placed in real images and removed from them: figures for what can be counted.

Placed: volume against what was asked, whether each part is brighter or darker than healthy tissue
as it must be, how far voxels changed. Removed: tissue under the mask beside the same place in the
other hemisphere, gradients at its border, voxels outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.axes import toward_lps
from SynthCore.bench.lesions_cases import (
    PLACED_IN,
    REMOVED_FROM,
    PlaceCase,
    RemoveCase,
    read_organ,
    read_roles,
)
from SynthCore.bench.lesions_figure import draw_placed, draw_removed
from SynthCore.errors import InputError, RefusedError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.lesions.grids import grid_of
from SynthCore.lesions.place import place
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.remove import Removed, remove
from SynthCore.lesions.scene import make_scene
from SynthCore.lesions.wish import LesionWish
from SynthCore.quality.grids import resample_to
from SynthCore.request import Progress, part_of

Mask = npt.NDArray[np.bool_]
Row = dict[str, Any]

SEEDS = 10
CLEAR = 0.03
"""Of healthy tissue's level (or 8 HU): a part that differs by less is neither bright nor dark."""

SIGNS: dict[str, dict[str, int]] = {
    "edema": {"T1": -1, "T1c": -1, "T2": 1, "FLAIR": 1},
    "enhancing tumor": {"T1": -1, "T1c": 1, "T2": 1, "FLAIR": 1},
    "necrosis": {"T1": -1, "T1c": -1, "T2": 1},
    "plaque": {"T1": -1, "T2": 1, "FLAIR": 1},
    "infarct": {"T1": -1, "T2": 1, "FLAIR": 1},
    "hematoma": {"T2": -1, "FLAIR": -1, "CT": 1},
    "solid": {"CT": 1},
    "ground glass": {"CT": 1},
    "rim": {"CT": -1},
    "center": {"CT": -1},
    "lesion": {"CT": 1},
}
"""Brighter (1) or darker (-1) than white matter, lung or liver (Osborn's Brain, 2017; acute blood:
Bradley, Radiology 1993;189:15; liver: as the kind says)."""


def table(
    data: Path, out: Path | None, progress: Progress, seeds: int = SEEDS
) -> tuple[dict[str, Any], str]:
    """Rows of what was placed and removed; contact sheets into `out`.

    Raises
    ------
    InputError
        If none of the images is in `data`.
    """
    placing = [case for case in PLACED_IN if (data / case.needs).exists()]
    removing = [case for case in REMOVED_FROM if (data / case.mask).exists()]
    if not placing and not removing:
        raise InputError(f"There are no images to place lesions in at {data}; give --data.")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    placed: list[Row] = []
    removed: list[Row] = []
    steps = len(placing) + len(removing)
    for n, away in enumerate(removing):
        progress(n / steps, f"remove from {away.name}")
        removed += _removed(data, away, out)
    for n, case in enumerate(placing, start=len(removing)):
        placed += _placed(data, case, seeds, out, part_of(progress, n / steps, (n + 1) / steps))
    return {"placed": placed, "removed": removed}, as_text(placed, removed)


def _placed(
    data: Path, case: PlaceCase, seeds: int, out: Path | None, progress: Progress
) -> list[Row]:
    images = read_roles(data, case.files)
    organ = read_organ(data, case, images)
    scene = make_scene(images, LesionWish(case.kinds[0][0], case.kinds[0][1]), organ)
    rows = []
    for n, (kind, low, high) in enumerate(case.kinds):
        sheet = []
        for seed in range(seeds):
            progress((n + seed / seeds) / len(case.kinds), f"{kind} in {case.name}")
            volume = float(low * (high / low) ** (seed / max(seeds - 1, 1)))
            wish = LesionWish(kind, volume, seed=seed)
            try:
                made = place(images, wish, scene=scene)
            except RefusedError as error:
                rows.append({"case": case.name, "kind": kind, "seed": seed, "asked_ml": volume,
                             "refused": str(error)})  # fmt: skip
                continue
            rows.append(_facts(case.name, images, made))
            sheet.append(made)
        if out is not None and sheet:
            draw_placed(images, sheet, out / f"placed-{kind}-{case.name}.png")
    return rows


def _facts(name: str, images: Mapping[str, Image], made: Placed) -> Row:
    mask = made.mask.voxels > 0
    first = next(iter(images.values()))
    spacing = first.spacing[::-1]
    counted = float(mask.sum()) * grid_of(first).voxel_ml
    changed = made.images[next(iter(images))].voxels != first.voxels.astype(np.float32)
    box = ndimage.find_objects((changed | mask).astype(np.uint8))[0]
    away = ndimage.distance_transform_edt(~mask[box], spacing)
    right, all_signs, wrong = 0, 0, []
    for role, levels in made.facts["levels"].items():
        for part, value in levels.get("parts_median", {}).items():
            sign = SIGNS.get(part, {}).get(role)
            healthy = levels.get("white", levels.get("lung_hu", levels.get("liver_hu")))
            if sign is None or healthy is None:
                continue
            least = 8.0 if role == "CT" else CLEAR * abs(healthy)
            all_signs += 1
            if sign * (value - healthy) > least:
                right += 1
            else:
                wrong.append(f"{part} in {role}: {value:.3g} beside {healthy:.3g}")
    return {
        "case": name,
        "kind": made.wish.kind,
        "seed": made.wish.seed,
        "asked_ml": made.wish.volume_ml,
        "volume_ml": counted,
        "error": counted / made.wish.volume_ml - 1,
        "signs": all_signs,
        "right": right,
        "wrong": wrong,
        "displacement_mm": made.facts["displacement_mm"],
        "least_jacobian": made.facts["least_jacobian"],
        "changed_to_mm": float(away[changed[box]].max()) if changed.any() else 0.0,
    }


def _removed(data: Path, case: RemoveCase, out: Path | None) -> list[Row]:
    images = read_roles(data, case.files)
    first = next(iter(images.values()))
    mask = _mask_on(data / case.mask, first)
    found = remove(images, mask, seed=0)
    rows = []
    for role, image in images.items():
        rows.append({"case": case.name, "role": role, **_compared(image, mask, found, role)})
    if out is not None:
        draw_removed(images, found, mask, out / f"removed-{case.name}.png")
    return rows


def _mask_on(path: Path, like: Image) -> Image:
    """The mask of a real image on its grid (some label maps lie on another)."""
    mask = toward_lps(read(path))[0]
    share = mask.with_voxels((mask.voxels != 0).astype(np.float32))
    return like.with_voxels(
        (resample_to(share, like)[0].voxels > 0.5).astype(np.uint8), modality="", unit="1"
    )


def _compared(image: Image, mask: Image, found: Removed, role: str) -> Row:
    real = image.voxels.astype(np.float32)
    made = found.results[role].image.voxels
    lesion = np.asarray(mask.voxels > 0)
    wide = np.asarray(found.mask.voxels > 0)
    other = mirrored(lesion, real) & ~ndimage.binary_dilation(wide, iterations=2) & (real > 0)
    steep_real, steep_made = _gradient(real), _gradient(made)
    cross = ndimage.generate_binary_structure(2, 1)[None]
    border = ndimage.binary_dilation(wide, cross) & ~ndimage.binary_erosion(wide, cross)
    # the edge that stripping left in the image is no edge of the fill
    border &= ndimage.binary_erosion(real > 0, np.ones((1, 3, 3)))
    opposite = mirrored(border, real) & ~wide
    opposite &= ndimage.binary_erosion(real > 0, np.ones((1, 3, 3)))
    sd = max(float(real[other].std()), 1e-6) if other.any() else float("nan")
    middle = float(real[other].mean()) if other.any() else float("nan")
    return {
        "model": found.results[role].record.model,
        "mask_ml": float(lesion.sum()) * grid_of(image).voxel_ml,
        "before": (float(real[lesion].mean()) - middle) / sd,
        "after": (float(made[lesion].mean()) - middle) / sd,
        "around": _around(real, wide, image.spacing[::-1]) / sd,
        "spread_before": float(real[lesion].std()) / sd,
        "spread_after": float(made[lesion].std()) / sd,
        "border_before": float(steep_real[border].mean() / steep_real[opposite].mean()),
        "border_after": float(steep_made[border].mean() / steep_made[opposite].mean()),
        "identical_outside": bool(np.array_equal(real[~wide], made[~wide])),
        "anomaly": float(np.abs(found.anomaly[role].voxels[lesion]).mean()),
    }


def _around(real: npt.NDArray[np.float32], wide: Mask, spacing: tuple[float, ...]) -> float:
    """Level next to the mask less that of the same place in the other hemisphere.

    Shading of coils makes one hemisphere brighter: a fill belongs to its surroundings.
    """
    away = ndimage.distance_transform_edt(~wide, spacing)
    ring = (away > 2) & (away <= 12) & (real > 0)
    there = mirrored(ring, real) & ~wide & (real > 0)
    here = ring & mirrored(there, real)
    return float(real[here].mean() - real[there].mean()) if here.any() else float("nan")


def mirrored(mask: Mask, real: npt.NDArray[np.float32]) -> Mask:
    """The same place in the other hemisphere: turned over about the middle of what is shown."""
    shown = np.flatnonzero((real > 0.15 * np.percentile(real, 99)).sum(axis=(0, 1)) > 50)
    twice = int(shown.min() + shown.max())
    index = twice - np.arange(mask.shape[2])
    out = np.zeros_like(mask)
    inside = (index >= 0) & (index < mask.shape[2])
    out[:, :, inside] = mask[:, :, index[inside]]
    return out


def _gradient(voxels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    rows, columns = np.gradient(voxels, axis=(1, 2))
    return np.asarray(np.hypot(rows, columns), dtype=np.float32)


def as_text(placed: Sequence[Row], removed: Sequence[Row]) -> str:
    """Tables for a terminal."""
    lines = ["Placed: volume against what was asked, signs right, how far voxels changed"]
    lines.append(
        f"{'kind':<25}{'lesions':>8}{'refused':>8}{'ml':>14}{'worst %':>9}{'signs':>12}{'to mm':>7}"
    )
    for key in dict.fromkeys((row["case"], row["kind"]) for row in placed):
        own = [row for row in placed if (row["case"], row["kind"]) == key]
        made = [row for row in own if "refused" not in row]
        if not made:
            lines.append(f"{key[1]:<25}{0:>8}{len(own):>8}")
            continue
        small, large = (f(row["asked_ml"] for row in made) for f in (min, max))
        worst = 100 * max(abs(row["error"]) for row in made)
        signs = f"{sum(r['right'] for r in made)}/{sum(r['signs'] for r in made)}"
        reach = max(row["changed_to_mm"] for row in made)
        lines.append(
            f"{key[1]:<25}{len(made):>8}{len(own) - len(made):>8}"
            f"{f'{small:.2g} to {large:.3g}':>14}{worst:>9.2f}{signs:>12}{reach:>7.0f}"
        )
    lines += [
        f"  wrong: {row['kind']} {row['seed']}: {w}" for row in placed for w in row.get("wrong", ())
    ]
    if removed:
        lines += [
            "",
            "Removed: under the mask beside the other hemisphere (mean in its SD; around: the same "
            "next to the",
            "mask; SD in its SD), gradient at the border relative to there",
        ]
        names = ("before", "after", "around", "spread_before", "spread_after",
                 "border_before", "border_after", "anomaly")  # fmt: skip
        lines.append(f"{'':<24}{'ml':>7}" + "".join(f"{n:>15}" for n in names) + "  outside")
    for row in removed:
        same = "identical" if row["identical_outside"] else "CHANGED"
        lines.append(
            f"{row['case'] + ' ' + row['role']:<24}{row['mask_ml']:>7.1f}"
            + "".join(f"{row[n]:>15.2f}" for n in names)
            + f"  {same}"
        )
    return "\n".join(lines)
