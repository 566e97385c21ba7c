"""`mr-to-ct` on the real thighs and calves that no model was trained on."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.request import Progress
from SynthCore.training.extremity.recipe import RECIPE
from SynthCore.training.extremity.reference import REGISTRATIONS, reference
from SynthCore.training.extremity.validate import as_text, by_registration, means
from SynthCore.training.extremity.validate import table as rows_of

MODELS = ("mr-to-ct-extremity", "mr-to-ct-bulk-density")
WINDOW = (-250, 500)


def table(data: Path, out: Path | None, progress: Progress) -> tuple[dict[str, Any], str]:
    """Error against each validation patient's CT, registered in two ways by mutual information.

    Parameters
    ----------
    data : Path
        Folder of real images.
    out : Path or None
        Folder for one picture a patient.
    progress : callable
        Told the fraction done.

    Raises
    ------
    InputError
        If the pairs are not in `data`.
    """
    if not (data / "mr_ct_pairs").is_dir():
        raise InputError(f"There is no mr_ct_pairs in {data}; give --data FOLDER.")
    patients = RECIPE.validation
    rows = []
    for n, patient in enumerate(patients):
        progress(n / len(patients), patient)
        made: dict[str, Image] = {}

        def run(model: str, mr: Image, kept: dict[str, Image] = made) -> Image:
            kept[model] = synthesize("mr-to-ct", {"T1": mr}, model=model).image
            return kept[model]

        methods = {m: lambda mr, m=m: run(m, mr) for m in MODELS}
        rows += rows_of(data, methods, [patient])
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            _draw(data, patient, made, out / f"mr-to-ct-{patient}.png")
    return (
        {
            "mask": "tissue of MR and CT, eroded by two voxels in each slice",
            "registrations": REGISTRATIONS,
            "rows": [dataclasses.asdict(row) for row in rows],
            "means": {name: means(part) for name, part in by_registration(rows).items()},
        },
        as_text(rows),
    )


def _draw(data: Path, patient: str, made: dict[str, Image], path: Path) -> None:
    """MR with the outlines of the registered CT, real CT, synthetic CTs and the difference."""
    truth = reference(data, patient, "deformable")
    figure = Figure(figsize=(4 * (3 + len(made)), 4 * 2), layout="constrained")
    depth = truth.ct.shape[0]
    for row, k in enumerate((depth // 3, 2 * depth // 3)):
        mr, ct = truth.pair.mr.voxels[k], truth.ct.voxels[k]
        panels = [(f"{patient}: MR, outlines of CT", mr, (0, float(np.percentile(mr, 99))), "gray")]
        panels.append(("CT, registered", ct, WINDOW, "gray"))
        panels += [(name, image.voxels[k], WINDOW, "gray") for name, image in made.items()]
        error = next(iter(made.values())).voxels[k] - ct
        panels.append(
            (
                "first model minus CT, inside mask",
                np.where(truth.mask[k], error, 0),
                (-200, 200),
                "RdBu_r",
            )
        )
        for column, (title, plane, (low, high), colors) in enumerate(panels):
            axis = figure.add_subplot(2, len(panels), row * len(panels) + column + 1)
            axis.imshow(plane, vmin=low, vmax=high, cmap=colors)
            axis.set_title(title, fontsize=9)
            axis.set_axis_off()
            if column == 0:
                axis.contour(ct, levels=[-300, 200], colors=["cyan", "yellow"], linewidths=0.6)
            elif title in made:
                axis.text(2, 8, "SYNTHETIC", color="orange", fontsize=9)
    figure.savefig(path, dpi=60)
