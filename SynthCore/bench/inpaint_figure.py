"""Pictures of a filled region: three planes through it, real and made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from SynthCore.image import Image
from SynthCore.training.inpaint.regions import Region

PLANES = ("axial", "coronal", "sagittal")
MARGIN_MM = 45.0
"""Shown around the region."""


def draw(region: Region, made: Mapping[str, Image], path: Path) -> None:
    """One row a plane: the real image with the region's outline, then every filling.

    Parameters
    ----------
    region : Region
        What was hidden.
    made : mapping
        Fillings by name.
    path : Path
        Of the PNG.
    """
    center = [round(float(c)) for c in np.argwhere(region.mask).mean(axis=0)]
    high = float(np.percentile(region.image.voxels[region.brain], 99.5))
    columns = {"real": region.image, **made}
    figure = Figure(figsize=(3.4 * len(columns), 10.2), layout="constrained")
    axes = figure.subplots(3, len(columns), squeeze=False)
    k, j, i = (float(s) for s in region.image.spacing[::-1])
    for axis, (plane, aspect) in enumerate(zip(PLANES, (j / i, k / i, k / j), strict=True)):
        box = _around(region.mask, axis, center[axis], region.image.spacing[::-1])
        outline = np.take(region.mask, center[axis], axis=axis)[box]
        for shown, (name, image) in zip(axes[axis], columns.items(), strict=True):
            voxels = np.take(image.voxels, center[axis], axis=axis)[box]
            shown.imshow(
                voxels, cmap="gray", vmin=0, vmax=high, aspect=aspect,
                origin="upper" if axis == 0 else "lower",
            )  # fmt: skip
            if name == "real" and outline.any() and not outline.all():
                shown.contour(outline, [0.5], colors="red", linewidths=0.6)
            elif name != "real":
                shown.text(2, 2, "SYNTHETIC", color="orange", fontsize=7)
            shown.set_title(f"{name}, {plane}", fontsize=8)
            shown.set_axis_off()
    head = region.head
    figure.suptitle(
        f"{head.patient} {head.role}, {region.name}, {region.diameter_mm:.0f} mm", fontsize=9
    )
    figure.savefig(path, dpi=70)


def _around(
    mask: npt.NDArray[np.bool_], axis: int, at: int, spacing: tuple[float, ...]
) -> tuple[slice, ...]:
    plane: npt.NDArray[Any] = np.take(mask, at, axis=axis)
    steps = [s for n, s in enumerate(spacing) if n != axis]
    box = []
    for other, step in enumerate(steps):
        hits = np.flatnonzero(plane.any(axis=1 - other))
        low, high = (int(hits[0]), int(hits[-1])) if len(hits) else (0, plane.shape[other])
        margin = round(MARGIN_MM / step)
        box.append(slice(max(0, low - margin), high + margin))
    return tuple(box)
