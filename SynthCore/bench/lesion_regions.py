"""How far the rule of proportions lies from anatomy: on label maps of heads, and in pictures.

Label maps have no commissures and no lobes. The anterior commissure is taken to lie midway between
the centers of nucleus accumbens and pallidum, where it lies in the MNI brain within 2 mm; what can
be counted beside it are the sides, the deep nuclei, the hippocampi, the cerebellum and the
brainstem.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from SynthCore.axes import toward_lps
from SynthCore.bench.lesions_cases import read_roles
from SynthCore.errors import InputError, RefusedError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.lesions.grids import Grid
from SynthCore.lesions.proportions import fit_proportions
from SynthCore.lesions.regions import NAMES, region_numbers
from SynthCore.lesions.scene import Scene, make_scene
from SynthCore.lesions.wish import LesionWish
from SynthCore.request import Progress

Mask = npt.NDArray[np.bool_]
Row = dict[str, Any]

MAPS = "label_maps/synthseg/training_seg_*.nii.gz"
PICTURES = (
    ("patient26", "T1", "mr_multicontrast/open_ms_cross_patient26/T1.nii.gz"),
    ("TCGA-FG-6692", "T1", "tumour/TCGA-FG-6692_brats/t1.nii.gz"),
    ("AURORA", "T1", "mr_multicontrast/brainlesion_AURORA/t1.nii.gz"),
    ("long-patient04", "T1", "mr_multicontrast/open_ms_long_patient04_study1/T1W.nii.gz"),
)

_STEP = 2
_LEFT = (2, 3, 4, 7, 8, 10, 11, 12, 13, 17, 18, 26, 28)
_RIGHT = (41, 42, 43, 46, 47, 49, 50, 51, 52, 53, 54, 58, 60)
_MIDDLE = (14, 15, 16, 24)
_WHITE = (2, 41, 7, 46, 16)
_PARTS = {
    "deep nuclei": ("deep", (10, 49, 11, 50, 12, 51, 13, 52)),
    "hippocampi, amygdalae": ("temporal", (17, 53, 18, 54)),
    "cerebellum": ("cerebellum", (7, 8, 46, 47)),
    "brainstem": ("other", (16,)),
}


def table(data: Path, out: Path | None, progress: Progress) -> tuple[dict[str, Any], str]:
    """Errors on label maps; pictures of regions on real brains into `out`.

    Raises
    ------
    InputError
        If there is no label map in `data`.
    """
    paths = sorted(data.glob(MAPS))
    if not paths:
        raise InputError(f"There are no label maps at {data}; give --data.")
    rows = []
    for n, path in enumerate(paths):
        progress(n / (len(paths) + 1), path.name)
        rows.append(_row(path))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, role, file in PICTURES:
            if (data / file).exists():
                image = read_roles(data, ((role, file),))[role]
                draw(image, role, out / f"regions-{name}.png")
    return {"regions": rows}, as_text(rows)


def _row(path: Path) -> Row:
    image = toward_lps(read(path))[0]
    labels = image.voxels[::_STEP, ::_STEP, ::_STEP].astype(int)
    affine = image.affine.copy()
    affine[:3, :3] *= _STEP
    grid = Grid(labels.shape, affine)
    brain = np.isin(labels, (*_LEFT, *_RIGHT, *_MIDDLE, 5, 44))
    bright = (0.4 * brain + 0.6 * np.isin(labels, _WHITE)).astype(np.float32)
    found = fit_proportions(brain, bright, grid)
    commissure = (_center(labels, grid, (26, 58)) + _center(labels, grid, (13, 52))) / 2
    error = (np.asarray(found.ac) - commissure) @ np.asarray(found.axes).T
    coordinates = found.coordinates(grid.points())
    numbers, right = region_numbers(coordinates), coordinates[..., 0] > 0
    shares = {
        name: float(np.mean(numbers[np.isin(labels, own)] == NAMES.index(region)))
        for name, (region, own) in _PARTS.items()
    }
    sides = [~right[np.isin(labels, _LEFT)], right[np.isin(labels, _RIGHT)]]
    return {
        "map": path.name,
        "error_mm": [round(float(e), 2) for e in error],
        "distance_mm": float(np.linalg.norm(error)),
        "side": float(np.mean(np.concatenate(sides))),
        **shares,
    }


def _center(labels: npt.NDArray[np.int_], grid: Grid, own: Sequence[int]) -> npt.NDArray[Any]:
    index = np.argwhere(np.isin(labels, own)).mean(axis=0)[::-1]
    return np.asarray(grid.affine[:3, :3] @ index + grid.affine[:3, 3])


def draw(image: Image, role: str, path: Path) -> None:
    """Regions over two axial slices, the patient's right at left, and two sagittal ones."""
    from matplotlib.figure import Figure

    scene = make_scene({role: image}, LesionWish("glioma", 5.0))
    try:
        coordinates = scene.coordinates
    except RefusedError:
        return
    shown = np.where(scene.organ, region_numbers(coordinates), 0)
    shown = np.where(shown > 0, shown + 6 * (coordinates[..., 0] > 0), 0)
    figure = Figure(figsize=(12, 6), facecolor="black")
    top = float(np.percentile(image.voxels[image.voxels > 0], 99))
    k, j, i = scene.grid.spacing
    for column, (axis, number) in enumerate(_planes(scene)):
        aspect = j / i if axis == 0 else k / j
        for row in range(2):
            picture = figure.add_subplot(2, 4, 4 * row + column + 1)
            origin: Literal["upper", "lower"] = "upper" if axis == 0 else "lower"
            picture.imshow(np.take(image.voxels, number, axis), cmap="gray", vmin=0, vmax=top,
                           aspect=aspect, origin=origin)  # fmt: skip
            picture.set_axis_off()
            if row:
                over = np.ma.masked_equal(np.take(shown, number, axis), 0)
                picture.imshow(over, cmap="tab20", vmin=0, vmax=13, alpha=0.5, aspect=aspect,
                               origin=origin)  # fmt: skip
    figure.savefig(path, dpi=70, bbox_inches="tight", facecolor="black")


def _planes(scene: Scene) -> list[tuple[int, int]]:
    """Axis and number of slices: at the commissures, 35 mm above, near the middle, 40 mm left."""
    at = scene.grid.index(np.asarray(scene.proportions.ac, dtype=np.float32))
    steps = scene.grid.spacing
    wanted = ((0, 0.0), (0, 35.0), (2, 4.0), (2, 40.0))
    return [
        (axis, int(np.clip(round(float(at[axis]) + mm / steps[axis]), 0,
                           scene.organ.shape[axis] - 1)))
        for axis, mm in wanted
    ]  # fmt: skip


def as_text(rows: Sequence[Row]) -> str:
    """A table for a terminal."""
    errors = np.array([row["error_mm"] for row in rows])
    far = np.array([row["distance_mm"] for row in rows])
    lines = [f"Regions by proportions on {len(rows)} label maps of heads"]
    for n, name in enumerate(("right", "front", "up")):
        lines.append(
            f"anterior commissure, {name:<6}{errors[:, n].mean():>7.1f} mm, "
            f"standard deviation {errors[:, n].std():.1f}"
        )
    lines.append(f"its distance: mean {far.mean():.1f} mm, largest {far.max():.1f}")
    for name in ("side", *_PARTS):
        share = 100 * np.array([row[name] for row in rows])
        lines.append(f"{name:<22} in its region: {share.mean():5.1f}%, least {share.min():.1f}%")
    return "\n".join(lines)
