"""The picture of one thinned volume: slices, interpolation, model and truth, and their errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from SynthCore.physics.thick_slices import Float32
from SynthCore.tasks import CT_ROLES
from SynthCore.training.super_resolution.thinned import Thinned

CT_WINDOW = (-160.0, 240.0)
ERROR_SHARE = 0.25


def draw(case: Thinned, made: Mapping[str, Float32], out: Path) -> Path:
    """A coronal and a sagittal plane through the middle; the file is named by case and factor.

    Parameters
    ----------
    case : Thinned
        With the truth.
    made : mapping
        Voxels on the grid of the truth, by name.
    out : Path
        Folder, made where it is missing.
    """
    full = case.full.voxels.astype(np.float32)
    blocks = np.repeat(case.thick.voxels, case.factor, axis=0)
    rows = np.flatnonzero(case.mask.any(axis=(0, 2)))
    columns = np.flatnonzero(case.mask.any(axis=(0, 1)))
    at_row = int(rows[len(rows) * 45 // 100])
    at_column = int(columns[len(columns) * 62 // 100])
    cuts: dict[str, tuple[Callable[[Float32], Float32], float]] = {
        "coronal": (lambda v: v[::-1, at_row], case.full.spacing[0]),
        "sagittal": (lambda v: v[::-1, :, at_column], case.full.spacing[1]),
    }
    if case.full.modality in CT_ROLES:
        low, high = CT_WINDOW
    else:
        low, high = 0.0, float(np.percentile(full[case.mask], 99.5))
    reach = ERROR_SHARE * (high - low)
    shown = [("slices", blocks), *made.items(), ("original", full)]
    columns_of = len(shown) + len(made)
    figure = Figure(figsize=(3.4 * columns_of, 3.2 * len(cuts)), layout="constrained")
    axes = figure.subplots(len(cuts), columns_of, squeeze=False)
    for line, (plane, (cut, width)) in zip(axes, cuts.items(), strict=True):
        aspect = case.full.spacing[2] / width
        pictures = [(name, cut(v), low, high, "gray") for name, v in shown]
        pictures += [
            (f"{name} - original", cut(v - full), -reach, reach, "RdBu_r")
            for name, v in made.items()
        ]
        for axis, (name, picture, bottom, top, colors) in zip(line, pictures, strict=True):
            axis.imshow(picture, vmin=bottom, vmax=top, cmap=colors, aspect=aspect)
            axis.set_title(f"{name}, {plane}", fontsize=9)
            axis.set_axis_off()
            if name == "learned":
                axis.text(3, 8, "SYNTHETIC", color="orange", fontsize=8)
    out.mkdir(parents=True, exist_ok=True)
    stem = f"super-resolution-{case.name.replace(' ', '-')}-{case.factor}"
    figure.suptitle(f"{case.name}, {case.factor} slices averaged into one", fontsize=10)
    path = out / f"{stem}.png"
    figure.savefig(path, dpi=90)
    return path
