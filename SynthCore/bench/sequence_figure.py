"""One picture a patient: every sequence as acquired, as made, and their difference."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from SynthCore.training.sequence.studies import Study
from SynthCore.training.sequence.validate import FOUR, TASKS


def draw(
    study: Study, made: Mapping[str, npt.NDArray[np.float32]], learned: bool, path: Path
) -> None:
    """The slice with most lesion, or the middle one.

    Parameters
    ----------
    study : Study
        The patient.
    made : mapping
        Images [k, j, i] by the roles given, joined by ``+``, and the target.
    learned : bool
        Whether the model was trained on this patient: it is written on the picture.
    path : Path
        PNG.
    """
    k = (
        int(np.argmax(study.lesion.sum(axis=(1, 2))))
        if study.lesion.any()
        else (study.brain.shape[0] // 2)
    )
    tasks = [(given, target) for given, target in TASKS if len(given) == len(FOUR) - 1]
    figure = Figure(figsize=(3 * len(tasks), 9.6), layout="constrained")
    brain = study.brain[k]
    for column, (given, target) in enumerate(tasks):
        real = study.voxels[study.roles.index(target), k].astype(np.float32)
        one = made["+".join(given) + target][k] * brain
        panels = (
            (f"{target}, acquired", real, (0, 1), "gray"),
            (f"{target} from {'+'.join(given)}", one, (0, 1), "gray"),
            ("difference", (one - real) * brain, (-0.5, 0.5), "RdBu_r"),
        )
        for row, (title, plane, (low, high), colors) in enumerate(panels):
            axis = figure.add_subplot(3, len(tasks), row * len(tasks) + column + 1)
            axis.imshow(plane, vmin=low, vmax=high, cmap=colors)
            axis.set_title(title, fontsize=9)
            axis.set_axis_off()
            if row == 1:
                axis.text(2, 8, "SYNTHETIC", color="orange", fontsize=9)
    said = "trained on" if learned else "not trained on"
    figure.suptitle(f"{study.patient}, {said}", fontsize=10)
    figure.savefig(path, dpi=60)
