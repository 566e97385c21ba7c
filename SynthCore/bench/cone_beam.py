"""`cbct-to-ct` on patients left out: simulated scans against their CT, and two peers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from SynthCore.bench.cone_beam_figure import draw
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.models.library import list_bundles
from SynthCore.request import Progress
from SynthCore.training.cone_beam.cases import SLICES, Held, held_cases
from SynthCore.training.cone_beam.validate import (
    PRESET,
    Correct,
    as_text,
    means,
    uncorrected,
)
from SynthCore.training.cone_beam.validate import (
    table as figures,
)


def table(data: Path, out: Path | None, progress: Progress) -> tuple[dict[str, Any], str]:
    """Rows of case and method, with the mean over patients; a picture of each case into `out`.

    Parameters
    ----------
    data : Path
        Folder of real images.
    out : Path or None
        Folder for pictures.
    progress : callable
        Told which case is computed.

    Raises
    ------
    InputError
        If no validation case is in `data`.
    """
    methods: dict[str, Correct] = {"uncorrected": uncorrected}
    bundles, _ = list_bundles("cbct-to-ct")
    methods |= {bundle.name: partial(_by_engine, bundle.name) for bundle in bundles}

    def see(case: Held, made: Mapping[str, Image]) -> None:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            draw(case, made, out / f"{case.patient}-{case.scan.replace(' ', '-')}.png")

    rows = figures(held_cases(data), methods, progress, see)
    if not rows:
        raise InputError(f"There is no case of cone-beam CT in {data}; give --data FOLDER.")
    heads = [row for row in rows if row.patient.startswith("training_seg")]
    real = [row for row in rows if row not in heads]
    title = (
        f"{PRESET}, body within the field of view, the {SLICES} middle slices of each case; scans "
        "are simulated from CT made quiet, truth is the CT; training_seg_* are generated heads"
    )
    return (
        {
            "preset": PRESET,
            "rows": [vars(row) for row in rows],
            "mean of real patients": means(real),
            "mean of generated heads": means(heads),
        },
        "\n".join([title, as_text(real), *([as_text(heads)] if heads else [])]),
    )


def _by_engine(model: str, cbct: Image) -> Image:
    return synthesize("cbct-to-ct", {"CBCT": cbct}, model=model).image
