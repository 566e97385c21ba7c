"""The picture of one case of cone-beam CT."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from SynthCore.image import Image
from SynthCore.training.cone_beam.cases import Held

WINDOW = (-250, 250)
DIFFERENCE = 150


def draw(case: Held, made: Mapping[str, Image], path: Path) -> None:
    """The CT and what each method made of the scan; below, the differences to the CT.

    Parameters
    ----------
    case : Held
        With its truth.
    made : mapping
        Images by method.
    path : Path
        Of the PNG.
    """
    k = case.ct.shape[0] // 2
    truth = case.ct.voxels[k]
    inside = np.asarray(case.mask.voxels[k], dtype=bool)
    figure = Figure(figsize=(4.2 * (1 + len(made)), 8), layout="constrained")
    axes = figure.subplots(2, 1 + len(made))
    axes[0][0].imshow(truth, vmin=WINDOW[0], vmax=WINDOW[1], cmap="gray")
    axes[0][0].set_title(f"CT of {case.patient}", fontsize=10)
    for column, (name, image) in enumerate(made.items(), start=1):
        plane = image.voxels[k]
        error = np.where(inside, plane - truth, 0)
        axes[0][column].imshow(plane, vmin=WINDOW[0], vmax=WINDOW[1], cmap="gray")
        axes[0][column].set_title(f"{name}, {case.scan}", fontsize=10)
        axes[1][column].imshow(error, vmin=-DIFFERENCE, vmax=DIFFERENCE, cmap="RdBu_r")
        mae = float(np.abs(error[inside]).mean()) if inside.any() else 0.0
        axes[1][column].set_title(f"minus CT, MAE {mae:.0f} HU in this slice", fontsize=10)
        if name != "uncorrected":
            axes[0][column].text(4, 16, "SYNTHETIC", color="orange", fontsize=8)
    for axis in np.ravel(axes):
        axis.set_axis_off()
    figure.savefig(path, dpi=70)
