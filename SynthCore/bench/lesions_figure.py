"""Contact sheets of lesions placed and removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from SynthCore.image import Image
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.remove import Removed

HALF_MM = 55.0
_LUNG, _SOFT = (-1350.0, 150.0), (-60.0, 190.0)


def draw_placed(images: Mapping[str, Image], made: Sequence[Placed], path: Path) -> None:
    """Each lesion in a row: every sequence before and after, cut out around it."""
    columns = 2 * len(images)
    figure = Figure(figsize=(1.9 * columns, 1.95 * len(made)))
    axes = figure.subplots(len(made), columns, squeeze=False)
    for row, one in zip(axes, made, strict=True):
        k, j, i = _center(one.mask)
        for n, (role, image) in enumerate(images.items()):
            window = _window(image, role, one.wish.what.organ)
            for side, shown in enumerate((image, one.images[role])):
                _cut(row[2 * n + side], shown, (k, j, i), window)
            row[2 * n].set_title(f"{role}", fontsize=7)
            row[2 * n + 1].set_title(f"SYNTHETIC {one.volume_ml:.2f} ml", fontsize=7)
    _save(figure, path)


def draw_removed(images: Mapping[str, Image], found: Removed, mask: Image, path: Path) -> None:
    """Each sequence in a row: real, pseudo-healthy, anomaly map; the largest slice of the mask."""
    figure = Figure(figsize=(9, 3 * len(images)))
    axes = figure.subplots(len(images), 3, squeeze=False)
    k = int(mask.voxels.sum(axis=(1, 2)).argmax())
    for row, (role, image) in zip(axes, images.items(), strict=True):
        low, high = _window(image, role, "brain")
        row[0].imshow(image.voxels[k], cmap="gray", vmin=low, vmax=high)
        row[0].contour(found.mask.voxels[k], [0.5], colors="yellow", linewidths=0.4)
        row[1].imshow(found.results[role].image.voxels[k], cmap="gray", vmin=low, vmax=high)
        row[2].imshow(found.anomaly[role].voxels[k], cmap="RdBu_r", vmin=-4, vmax=4)
        for axis, title in zip(
            row, (role, "SYNTHETIC, pseudo-healthy", "difference / SD"), strict=True
        ):
            axis.set_title(title, fontsize=8)
    _save(figure, path)


def _center(mask: Image) -> tuple[int, int, int]:
    k = int(mask.voxels.sum(axis=(1, 2)).argmax())
    j, i = np.argwhere(mask.voxels[k]).mean(axis=0).round().astype(int)
    return k, int(j), int(i)


def _window(image: Image, role: str, organ: str) -> tuple[float, float]:
    if role == "CT":
        return _LUNG if organ == "lung" else _SOFT
    top = float(np.percentile(image.voxels[image.voxels > 0], 99.3))
    return 0.0, top * (1.25 if role == "T1c" else 1.0)


def _cut(
    axis: object, image: Image, center: tuple[int, int, int], window: tuple[float, float]
) -> None:
    k, j, i = center
    reach = round(HALF_MM / image.spacing[0])
    part = image.voxels[k, max(0, j - reach) : j + reach, max(0, i - reach) : i + reach]
    axis.imshow(part, cmap="gray", vmin=window[0], vmax=window[1])  # type: ignore[attr-defined]


def _save(figure: Figure, path: Path) -> None:
    for axis in figure.axes:
        axis.set_axis_off()
    figure.subplots_adjust(0.005, 0.005, 0.995, 0.97, 0.02, 0.1)
    figure.savefig(path, dpi=75)
