"""Borders of placed lesions beside those of real ones, as painted and blended by a learned model.

Two figures of a border, both in the slice and relative to the lesion's contrast (median inside less
median of the brain 3 to 7 mm around): the mean gradient along the outline, and the median of the
steepest gradient within 2 mm of it, which does not hang on how well the outline was drawn. Images
are smoothed by 0.6 mm before. Per mm: 1 is a step that takes 1 mm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.axes import toward_lps
from SynthCore.bench.lesions import CLEAR, SIGNS
from SynthCore.bench.lesions_cases import read_roles
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.lesions.place import place
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.scene import make_scene
from SynthCore.lesions.wish import LesionWish
from SynthCore.quality.grids import resample_to
from SynthCore.request import Progress

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Row = dict[str, Any]

_MS = "mr_multicontrast/open_ms_cross_patient"
_LEAST = 30
"""Voxels of a lesion that counts."""


@dataclass(frozen=True)
class BorderCase:
    """Images with a real lesion, its labels in the mask, and what is placed beside it."""

    name: str
    files: tuple[tuple[str, str], ...]
    mask: str
    labels: tuple[int, ...]
    wishes: tuple[LesionWish, ...]


CASES = (
    *(
        BorderCase(
            f"patient{n}",
            tuple((role, f"{_MS}{n}/{role}.nii.gz") for role in ("FLAIR", "T2", "T1")),
            f"{_MS}{n}/lesion_mask.nii.gz",
            (1,),
            (LesionWish("ms-plaques", volume, seed=2),),
        )
        for n, volume in (("07", 1.4), ("26", 3.0))
    ),
    *(
        BorderCase(
            f"pyradiomics{n}",
            (("T1c", f"tumour/pyradiomics/brain{n}_image.nrrd"),),
            f"tumour/pyradiomics/brain{n}_label.nrrd",
            (1,),
            (LesionWish("metastasis", volume, seed=1),),
        )
        for n, volume in ((1, 8.0), (2, 2.0))
    ),
)


def table(data: Path, out: Path | None, progress: Progress) -> tuple[dict[str, Any], str]:
    """Borders of real, of painted and of blended lesions; pictures into `out`.

    Raises
    ------
    InputError
        If none of the images is in `data`.
    """
    cases = [case for case in CASES if (data / case.mask).exists()]
    if not cases:
        raise InputError(f"There are no images with lesions at {data}; give --data.")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for n, case in enumerate(cases):
        progress(n / len(cases), case.name)
        rows += _rows(data, case, out)
    return {"borders": rows}, as_text(rows)


def _rows(data: Path, case: BorderCase, out: Path | None) -> list[Row]:
    images = read_roles(data, case.files)
    first = next(iter(images.values()))
    real = _real(data / case.mask, case.labels, first)
    scene = make_scene(images, case.wishes[0])
    rows = [
        {"case": case.name, "role": role, "what": "real", **border(image, real, scene.organ)}
        for role, image in images.items()
    ]
    rest = scene.organ & ~ndimage.binary_dilation(real, iterations=2)
    for wish in case.wishes:
        made = {what: place(images, wish, scene=scene, blend=what == "blended")
                for what in ("painted", "blended")}  # fmt: skip
        for role in images:
            for what, placed in made.items():
                mask = placed.mask.voxels > 0
                found = border(placed.images[role], mask, rest | mask)
                rows.append({"case": case.name, "role": role, "what": f"{what} {wish.kind}",
                             **found, **_signs(placed, role)})  # fmt: skip
        if out is not None:
            draw(images, made, real, out / f"borders-{wish.kind}-{case.name}.png")
    return rows


def _real(path: Path, labels: Sequence[int], like: Image) -> Mask:
    mask = toward_lps(read(path))[0]
    share = mask.with_voxels(np.isin(mask.voxels, labels).astype(np.float32))
    found = resample_to(share, like)[0].voxels > 0.5
    pieces, count = ndimage.label(found)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    return np.asarray((sizes >= _LEAST)[pieces])


def border(image: Image, mask: Mask, brain: Mask) -> Row:
    """Figures of a border (see the module) in an image with axes toward left, posterior, up."""
    k, j, i = image.spacing[::-1]
    voxels = image.voxels.astype(np.float32)
    smooth = ndimage.gaussian_filter(voxels, (0, 0.6 / j, 0.6 / i))
    steep = np.hypot(*np.gradient(smooth, j, i, axis=(1, 2)))
    inside = ndimage.distance_transform_edt(mask, (k, j, i))
    outside = ndimage.distance_transform_edt(~mask, (k, j, i))
    core = mask & (inside > min(1.5, 0.5 * float(inside.max())))
    ring = brain & (outside > 3) & (outside < 7)
    contrast = abs(float(np.median(voxels[core]) - np.median(voxels[ring])))
    cross = ndimage.generate_binary_structure(2, 1)[None]
    line = ndimage.binary_dilation(mask, cross) & ~ndimage.binary_erosion(mask, cross) & brain
    size = (1, 2 * round(2 / j) + 1, 2 * round(2 / i) + 1)
    most = ndimage.maximum_filter(steep * brain, size=size)
    return {
        "contrast": contrast / float(np.median(voxels[ring])),
        "at": float(steep[line].mean()) / contrast,
        "steepest": float(np.median(most[line])) / contrast,
        "voxels": int(line.sum()),
    }


def _signs(placed: Placed, role: str) -> Row:
    levels = placed.facts["levels"][role]
    right = all_signs = 0
    for part, value in levels.get("parts_median", {}).items():
        sign = SIGNS.get(part, {}).get(role)
        if sign is None:
            continue
        all_signs += 1
        right += sign * (value - levels["white"]) > CLEAR * abs(levels["white"])
    return {"signs": all_signs, "right": int(right)}


def draw(images: Mapping[str, Image], made: Mapping[str, Placed], real: Mask, path: Path) -> None:
    """A real lesion, and a placed one as painted and blended."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3 * len(images)))
    for row, (role, image) in enumerate(images.items()):
        mask = made["painted"].mask.voxels > 0
        shown = (("real", image, real), *((n, p.images[role], mask) for n, p in made.items()))
        top = float(np.percentile(image.voxels[image.voxels > 0], 99.3))
        for column, (name, one, region) in enumerate(shown):
            axis = figure.add_subplot(len(images), 3, 3 * row + column + 1)
            k = int(region.sum(axis=(1, 2)).argmax())
            pieces, _ = ndimage.label(region[k])
            largest = pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
            j, i = np.argwhere(largest).mean(axis=0).round().astype(int)
            reach = round(28 / one.spacing[0])
            part = one.voxels[k, max(0, j - reach) : j + reach, max(0, i - reach) : i + reach]
            axis.imshow(part, cmap="gray", vmin=0, vmax=top)
            axis.set_title(f"{role}, {name}", fontsize=8)
            axis.set_axis_off()
    figure.savefig(path, dpi=90, bbox_inches="tight")


def as_text(rows: Sequence[Row]) -> str:
    """A table for a terminal."""
    lines = [
        "Border: gradient over contrast, per mm, along the outline and at its steepest within 2 mm",
        f"{'':<36}{'contrast':>9}{'along':>8}{'steepest':>9}{'signs':>7}",
    ]
    for row in rows:
        signs = f"{row['right']}/{row['signs']}" if "signs" in row else ""
        name = f"{row['case']} {row['role']} {row['what']}"
        lines.append(
            f"{name:<36}{row['contrast']:>9.2f}{row['at']:>8.3f}{row['steepest']:>9.3f}{signs:>7}"
        )
    return "\n".join(lines)
