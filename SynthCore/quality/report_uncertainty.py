"""The part of a report that says how far the result can be trusted, and how far that holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.quality.ct_numbers import TISSUES
from SynthCore.quality.figures import Shown, three_planes
from SynthCore.quality.report_pictures import Picture, picture

Mask = npt.NDArray[np.bool_]

LIMITS = (
    "It is no bound: errors beyond two standard deviations occur, and the model knows nothing of "
    "what it never saw (a fracture, metal, gas, a rare lesion); there it may be wrong and sure of "
    "itself. It does not hold for patients or scanners other than those its card names."
)


@dataclass(frozen=True)
class UncertaintyText:
    """What is shown: pictures, rows of (tissue, median, 95th percentile), and what was measured."""

    pictures: tuple[Picture, ...]
    rows: tuple[tuple[str, float, float], ...]
    measured: tuple[str, ...]
    limits: str = LIMITS


def uncertainty_text(
    result: Image, uncertainty: Image | None, body: Mask, card: Mapping[str, Any]
) -> UncertaintyText | None:
    """Pictures and words for a standard deviation of the result's error; None where there is none.

    Parameters
    ----------
    result, uncertainty : Image
        On one grid, in HU.
    body : numpy.ndarray of bool
        [k, j, i], of the result.
    card : mapping
        The model's ``synthcore`` block; untrusted.
    """
    if uncertainty is None:
        return None
    shown = [
        Shown(f"Synthetic {result.modality}", result, synthetic=True),
        Shown("Standard deviation of the error", uncertainty, synthetic=True, deviation=True),
    ]
    pictures = tuple(
        picture(
            png,
            f"{plane} slices: synthetic {result.modality} and the standard deviation of its error",
            f"{plane.capitalize()}: synthetic {result.modality} and the standard deviation of its "
            "error, in HU; the colors end at the 99th percentile of the body. Black: nothing is "
            "stated outside the body.",
        )
        for plane, png in three_planes(shown, body, planes=("axial", "coronal")).items()
    )
    stated = uncertainty.voxels > 0
    rows = []
    for tissue in TISSUES:
        inside = body & stated & (result.voxels >= tissue.low) & (result.voxels < tissue.high)
        if inside.any():
            median, high = np.percentile(uncertainty.voxels[inside], (50, 95))
            rows.append((tissue.title, float(median), float(high)))
    return UncertaintyText(pictures, tuple(rows), measured_text(card))


def measured_text(card: Mapping[str, Any]) -> tuple[str, ...]:
    """What the card measured of it, item by item; none where it says nothing that can be read."""
    block = card.get("uncertainty")
    found = block.get("measured") if isinstance(block, Mapping) else None
    if not isinstance(found, Mapping):
        return ()
    try:
        within = [f"{100 * float(found[name]):.0f}%" for name in ("within_1", "within_2")]
        cubes = [f"{100 * float(found[name]):.0f}%" for name in
                 ("cubes_within_1", "cubes_within_2")]  # fmt: skip
        patients, rho = int(found["patients"]), float(found["correlation"])
        ratio, side = float(found["cubes_ratio"]), float(found["cube_mm"]) / 10
    except (KeyError, TypeError, ValueError, OverflowError):
        return ()
    worst = _worst(found.get("by_patient"))
    return (
        f"On {patients} patients left out of its training, each judged by the calibration of the "
        f"others, {within[0]} of the errors lay within one and {within[1]} within two standard "
        f"deviations (normal errors: 68% and 95%){worst}.",
        f"Its rank correlation with the true error was {rho:.2f} (0: none; far from 1 even for a "
        f"map that is right everywhere, since errors are random).{_alone(found)}",
        f"Errors of neighboring voxels go together: the mean error of a cube of {side:g} cm was "
        f"{ratio:.2f} of the mean standard deviation in it, within that in {cubes[0]} and within "
        f"twice that in {cubes[1]} of the cubes. Do not divide it by the root of the number of "
        "voxels.",
        *_paths(found),
    )


def _paths(found: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        beams = int(found["paths"])
        within = [
            f"{100 * float(found[name]):.0f}%"
            for name in ("paths_within_1", "paths_within_2", "paths_together_within_1")
        ]
    except (KeyError, TypeError, ValueError, OverflowError):
        return ()
    return (
        f"Along {beams} beams to the middle of them, the path length differed from the acquired "
        "CT's by at most what a plan check says for errors that go together over 10 mm in "
        f"{within[0]}, by at most twice that in {within[1]}, and by at most what it says for "
        f"errors of one sign in {within[2]}{_worst_beams(found.get('by_patient'))}.",
    )


def _worst_beams(rows: Any) -> str:
    try:
        least = min(float(row["paths_within_1"]) for row in rows.values())
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return ""
    return f"; in the worst patient {100 * least:.0f}% lay within the first"


def _alone(found: Mapping[str, Any]) -> str:
    """What the CT number would tell without the map."""
    try:
        alone, rho = float(found["by_number"]), float(found["correlation"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return ""
    much = ": the map tells which tissue is uncertain more than where in it" * (alone > 0.7 * rho)
    return f" A deviation known from the CT number alone had {alone:.2f}{much}."


def _worst(rows: Any) -> str:
    try:
        worst = min(rows.values(), key=lambda row: float(row["within_2"]))
        shares = [100 * float(worst[name]) for name in ("within_1", "within_2")]
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return ""
    return f"; in the worst of them {shares[0]:.0f}% and {shares[1]:.0f}%"
