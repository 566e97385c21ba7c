"""A picture of a registration for a person to accept or to refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from SynthCore.image import Image
from SynthCore.staging import renewed
from SynthCore.training.matchable import Matchable, matchable
from SynthCore.training.placement import Placement

SLICES = (0.2, 0.5, 0.8)
SQUARES = 8
"""Of the checkerboard, along the shorter side."""


def draw_registration(
    fixed: Image, moving: Image, place: Placement, path: Path, title: str
) -> None:
    """Three slices: outlines before and after on the fixed image, the other, a checkerboard.

    Parameters
    ----------
    fixed, moving : Image
        As acquired.
    place : Placement
        What to show; its rigid part alone is "before" where it has a field.
    path : Path
        PNG file.
    title : str
        Above the picture; no patient's name belongs there.
    """
    a = matchable(fixed)
    stages = [("rigid", Placement(place.rigid))]
    if place.field is not None:
        stages.append(("deformed", place))
    placed = [(name, matchable(one.place(fixed, moving))) for name, one in stages]
    last = placed[-1][1]
    columns = len(placed) + 2
    figure = Figure(figsize=(3.4 * columns, 3.4 * len(SLICES) + 0.4), layout="constrained")
    figure.suptitle(title)
    for row, share in enumerate(SLICES):
        k = min(fixed.shape[0] - 1, int(share * fixed.shape[0]))
        base = _scaled(a, k)
        for column, (name, one) in enumerate(placed):
            axis = figure.add_subplot(len(SLICES), columns, row * columns + column + 1)
            axis.imshow(
                base, cmap="gray", vmin=0, vmax=1, aspect=fixed.spacing[1] / fixed.spacing[0]
            )
            for mask, color in ((one.body[k], "cyan"), (one.bone[k], "yellow")):
                if mask.any() and not mask.all():
                    axis.contour(mask, levels=[0.5], colors=[color], linewidths=0.7)
            axis.set_title(f"outlines, {name}, slice {k}", fontsize=8)
            axis.set_axis_off()
        other = _scaled(last, k)
        for column, (name, plane) in enumerate(
            (("the other image", other), ("checkerboard", _checkerboard(base, other))), len(placed)
        ):
            axis = figure.add_subplot(len(SLICES), columns, row * columns + column + 1)
            axis.imshow(
                plane, cmap="gray", vmin=0, vmax=1, aspect=fixed.spacing[1] / fixed.spacing[0]
            )
            axis.set_title(name, fontsize=8)
            axis.set_axis_off()
    with renewed(path) as part:
        figure.savefig(part, format="png", dpi=70)


def _scaled(one: Matchable, k: int) -> npt.NDArray[np.float32]:
    scaled: npt.NDArray[np.float32] = (one.values[k] - one.low) / (one.high - one.low)
    return scaled


def _checkerboard(
    a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    side = max(2, min(a.shape) // SQUARES)
    rows, columns = np.indices(a.shape) // side
    board: npt.NDArray[np.float32] = np.where((rows + columns) % 2 == 0, a, b)
    return board
