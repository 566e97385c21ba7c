"""Doses that were computed here, held against each other: synthetic and comparators beside real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.planning.averaged import averaged
from SynthCore.planning.dose_check import DoseComparison, dose_check
from SynthCore.planning.engine.compute import ComputedDoses
from SynthCore.planning.engine.of_study import REAL, SYNTHETIC
from SynthCore.planning.finding import Finding
from SynthCore.quality.grids import resample_to
from SynthCore.request import Cancelled, Progress, part_of

Mask = npt.NDArray[np.bool_]

COVERED = 0.9
"""Of a structure must lie where dose was computed; the outlines of couches and the like do not."""


def computed_check(
    computed: Sequence[ComputedDoses],
    structures: Mapping[str, Image],
    target: tuple[str, Image],
    targets: Sequence[str],
    notes: list[str],
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> tuple[list[Finding], tuple[DoseComparison, ...], Mapping[str, list[Finding]]]:
    """Findings of every modality.

    Parameters
    ----------
    computed : sequence of ComputedDoses
        With the real CT under `REAL` and the synthetic under `SYNTHETIC`; others are comparators.
    structures : mapping
        Masks by name.
    target : tuple
        Name and mask of what was planned on, where `targets` names none.
    targets : sequence of str
        Names among the structures.
    notes : list of str
        Takes what a reader should know.

    Returns
    -------
    list of Finding, tuple of DoseComparison
        Of the synthetic CT, in the order of `computed`.
    mapping
        Findings by the comparator's name, under the same titles.
    """
    found: list[Finding] = []
    comparisons: list[DoseComparison] = []
    beside: dict[str, list[Finding]] = {}
    for n, one in enumerate(computed):
        real = one.doses[REAL]
        chosen = _covered(structures, targets, one.body, notes if n == 0 else [])
        aims = {name: chosen.pop(name) for name in targets if name in chosen} or dict([target])
        planned = {name: _as_planned(mask, real) for name, mask in aims.items()}
        for name in [name for name, mask in planned.items() if not mask.voxels.any()]:
            if len(planned) > 1:  # less than a voxel of the dose is left of it
                del planned[name]
                notes.append(f"No figure of {name}, {one.plan.modality}: too little of it is in "
                             "the body for the dose's voxels.")  # fmt: skip
        names, chosen = tuple(planned), {**chosen, **planned}
        prescription = one.plan.prescription_gy
        more, comparison = dose_check(
            real, one.doses[SYNTHETIC], chosen, names, prescription,
            name=one.plan.modality, source=one.source,
            progress=part_of(progress, n / len(computed), (n + 1) / len(computed)),
            cancelled=cancelled,
        )  # fmt: skip
        found += more
        comparisons.append(comparison)
        for name, dose in one.doses.items():
            if name not in (REAL, SYNTHETIC):
                extra, _ = dose_check(
                    real, dose, chosen, names, prescription, name=one.plan.modality,
                    all_criteria=False, cancelled=cancelled,
                )  # fmt: skip
                beside.setdefault(name, []).extend(extra)
    return found, tuple(comparisons), beside


def _as_planned(mask: Image, dose: Image) -> Image:
    """A target as the plan had it: voxels of the dose grid that lie in it by more than half."""
    share = averaged((mask.voxels > 0).astype(np.float32), mask, dose)
    return dose.with_voxels((share > 0.5).astype(np.uint8), unit="")


def _covered(
    structures: Mapping[str, Image], targets: Sequence[str], body: Image, notes: list[str]
) -> dict[str, Image]:
    """Structures that lie nearly whole where dose was computed, and of targets what does."""
    chosen = {}
    for name, mask in structures.items():
        inside = mask.voxels > 0
        within = inside & (resample_to(body, mask, outside=0.0)[0].voxels > 0)
        share = float(within.sum() / inside.sum()) if inside.any() else 0.0
        if share >= COVERED:
            chosen[name] = mask
        elif share == 0:
            notes.append(f"No dose was computed in {name}: it lies beyond the body.")
        elif name in targets:
            chosen[name] = mask.with_voxels(within.astype(np.uint8))
            notes.append(
                f"{1 - share:.0%} of the target {name} lies beyond the body, where no dose is "
                "computed: its figures are of the rest."
            )
        else:
            notes.append(f"{name} is left out: {1 - share:.0%} of it lies beyond the body.")
    return chosen
