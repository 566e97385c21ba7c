"""Doses on the real and on the synthetic CT: dose-volume figures and gamma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.planning.dose_sampling import dvhs_of
from SynthCore.planning.dvh import Dvh, figures
from SynthCore.planning.finding import Finding
from SynthCore.planning.gamma import Criteria, Gamma, gamma
from SynthCore.planning.gamma_second import SecondGamma, second_gamma
from SynthCore.quality.grids import reached, resample_to
from SynthCore.request import Cancelled, Progress

Mask = npt.NDArray[np.bool_]

LEAST_COVERED, LEAST_TARGET_COVERED = 0.9, 0.99
"""Of an organ and of a target, within the dose grid."""

MOST_APART = 2.0
"""Of a prescription and the target's median dose, as a ratio: more is a slip of unit or of what
was summed."""

MOST_MISSING = 0.01
"""Of the voxels above the cutoff, without a dose on the synthetic CT: beyond that, gamma is not
defined."""

PRESCRIBED_OF = (
    "maximum, no prescription and no target given",
    "median of the target, no prescription given",
    "largest median of the targets, no prescription given",
)
"""What differences are percent of, for no target, one and several, without a prescription."""

JUDGED = Criteria(2.0, 2.0)
ALSO_SHOWN = (Criteria(3.0, 3.0), Criteria(1.0, 1.0))
TARGET_FIGURES = ("D98", "D95", "D50", "D2", "mean")
TARGET_JUDGED = ("D98", "D50", "D2")
ORGAN_FIGURES = ("D2", "mean")


@dataclass(frozen=True)
class DoseComparison:
    """Two doses of one plan, and what was found in them.

    Attributes
    ----------
    name : str
        ``photons`` or ``protons`` where they were computed here; empty where they were given.
    source : str
        What computed them, for a report.
    reference, synthetic : Image
        Gy, on one grid: that of the dose on the real CT.
    histograms : mapping
        By structure, on the real and on the synthetic CT.
    gammas : tuple of Gamma
        By criteria; the first is judged.
    prescription_gy : float
        What differences are percent of.
    prescription_of : str
        Whether that was prescribed, or what of the dose it is.
    """

    name: str
    source: str
    reference: Image
    synthetic: Image
    histograms: Mapping[str, tuple[Dvh, Dvh]]
    gammas: tuple[Gamma, ...]
    prescription_gy: float
    prescription_of: str = "prescription"


def dose_check(
    reference: Image,
    synthetic: Image,
    structures: Mapping[str, Image],
    targets: Sequence[str],
    prescription_gy: float | None,
    *,
    name: str = "",
    source: str = "given as files",
    all_criteria: bool = True,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> tuple[tuple[Finding, ...], DoseComparison]:
    """Findings of two doses of one plan.

    Parameters
    ----------
    reference, synthetic : Image
        Dose in Gy on the real and on the synthetic CT; for gamma and pictures the second is
        resampled onto the first.
    structures : mapping
        Masks by name, each on any grid that covers the structure.
    targets : sequence of str
        Names among them; the others are organs.
    prescription_gy : float, optional
        What differences are percent of; the target's median dose where not given.
    name, source : str
        See `DoseComparison`; the name ends the title of every finding.
    all_criteria : bool
        Also 3%/3 mm and 1%/1 mm, which are shown and not judged.

    Raises
    ------
    InputError
        If the dose grids do not overlap, a structure lies outside the dose, or the prescription is
        not that of these doses.
    CancelledError
        If `cancelled` said so.
    """
    grids, counted, beyond, missing = {"real": reference}, reference, "", 0.0
    top = float(reference.voxels.max())
    if not synthetic.same_grid(reference):
        grids["synthetic"] = synthetic
        synthetic, inside = resample_to(synthetic, reference, outside=0.0, means=False)
        if not inside.any():
            raise InputError("The two doses do not overlap: check that both are of one plan.")
        # where only one dose was computed, the other has no value to be held against
        counted = reference.with_voxels(np.where(inside, reference.voxels, 0), unit="Gy")
        high = reference.voxels >= JUDGED.cutoff_percent / 100 * top
        missing = float(np.mean(~inside[high])) if high.any() else 0.0
        if missing > 0:
            beyond = f" without the {missing:.1%} beyond the synthetic CT's dose grid"
    ending = f", {name}" if name else ""
    histograms = {}
    covered: dict[tuple[str, bytes, tuple[int, ...]], Mask] = {}
    for structure, mask in structures.items():
        least = LEAST_TARGET_COVERED if structure in targets else LEAST_COVERED
        for on, grid in grids.items():
            place = on, mask.affine.tobytes(), mask.shape
            if place not in covered:
                covered[place] = reached(grid, mask)
            _require_covered(structure, covered[place][mask.voxels > 0], least, on)
        # each dose on its own grid: a dose that was moved has been interpolated already
        histograms[structure] = dvhs_of(
            structure, mask, (reference, grids.get("synthetic", synthetic))
        )
    median = _median_of_target(histograms, targets, reference)
    if prescription_gy and not 1 / MOST_APART <= median / prescription_gy <= MOST_APART:
        raise InputError(
            f"The prescription of {prescription_gy:g} Gy is far from the {median:.1f} Gy of the "
            "dose: give the one in Gy of what these doses sum, or none."
        )
    prescribed = prescription_gy or median
    aimed = sum(name in histograms for name in targets)
    of_what = "prescription" if prescription_gy else PRESCRIBED_OF[min(aimed, 2)]
    found: list[Finding] = []
    for structure, (real, made) in histograms.items():
        found += _dvh_findings(structure, real, made, structure in targets, prescribed, ending)
    gammas = []
    for criteria in (JUDGED, *(ALSO_SHOWN if all_criteria else ())):
        used = replace(criteria, normalization_gy=top)
        one = gamma(counted, synthetic, used, progress=progress, cancelled=cancelled)
        gammas.append(one)
        other = second_gamma(counted, synthetic, one.criteria, one.normalization_gy)
        defined = missing <= MOST_MISSING
        found.append(
            Finding(
                "dose", "gamma" if criteria == JUDGED else "gamma_shown",
                f"Gamma {criteria.name}, {criteria.cutoff_percent:g}% cutoff{ending}",
                one.pass_percent if defined else float("nan"), "%",
                reason=f"{one.voxels} voxels{beyond}, normalized to {one.normalization_gy:.2f} Gy, "
                f"{criteria.interpolation} linear steps within the distance, searched up to "
                f"{criteria.most:g}, reference on the real CT, {one.engine}."
                f"{_in_words(other)}",
                second=other.pass_percent if other is not None and defined else None,
            )
        )  # fmt: skip
    comparison = DoseComparison(
        name, source, reference, synthetic, histograms, tuple(gammas), prescribed, of_what
    )
    return tuple(found), comparison


def _in_words(other: SecondGamma | None) -> str:
    """Nothing where no second engine is installed."""
    if other is None:
        return ""
    return f" {other.pass_percent:.1f} % of {other.voxels} by {other.engine}."


def _dvh_findings(
    name: str, real: Dvh, made: Dvh, target: bool, prescribed: float, ending: str
) -> list[Finding]:
    a, b = figures(real), figures(made)
    found = []
    for figure in TARGET_FIGURES if target else ORGAN_FIGURES:
        # of a target a change counts against its own dose, of an organ against the prescription
        base = a[figure] if target else prescribed
        change = 100 * (b[figure] - a[figure]) / base if base > 0 else float("nan")
        judged = not target or figure in TARGET_JUDGED
        found.append(
            Finding(
                "dose", ("target_dose" if target else "organ_dose") if judged else "dose_shown",
                f"{figure} of {name}{ending}", change, "%",
                reason=f"{a[figure]:.2f} Gy on the real CT, {b[figure]:.2f} Gy on the synthetic.",
            )
        )  # fmt: skip
    return found


def _require_covered(name: str, within: Mask, least: float, on: str) -> None:
    if within.size and within.mean() < least:
        raise InputError(
            f"The dose grid holds {within.mean():.0%} of the structure {name} (dose on the {on} "
            "CT): compute the dose on a grid that covers it."
        )


def _median_of_target(
    histograms: Mapping[str, tuple[Dvh, Dvh]], targets: Sequence[str], reference: Image
) -> float:
    doses = [histograms[name][0].d(50) for name in targets if name in histograms]
    return max(doses) if doses else float(reference.voxels.max())
