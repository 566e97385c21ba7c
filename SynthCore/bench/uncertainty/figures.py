"""What a stated uncertainty is worth: coverage, correlation, and means of cubes and tissues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from SynthCore.bench.uncertainty.fit import fit
from SynthCore.bench.uncertainty.observe import Observed
from SynthCore.bench.uncertainty.paths import path_figures
from SynthCore.models.uncertainty import Calibration
from SynthCore.quality.ct_numbers import TISSUES

MOST_RANKED = 200_000
"""Voxels of an image that are ranked for the correlation, evenly spread over it."""
LEAST_MM = 1e-6
LEAST_VOXELS = 200
"""Of a tissue, for its mean to be told."""


@dataclass(frozen=True)
class TissueFigure:
    """Mean error of a tissue, HU, and the mean deviation stated for its voxels."""

    name: str
    voxels: int
    error: float
    stated: float


@dataclass(frozen=True)
class Figures:
    """Of one image; shares run from 0 to 1.

    Attributes
    ----------
    within_1, within_2 : float
        Share of voxels whose error is at most one or two stated deviations.
    correlation : float
        Spearman's, of the stated deviation and the absolute error.
    attainable : float
        The same of errors drawn at random as the stated deviations say: what it would be if they
        were right for every voxel. Less than 1, since errors are random; no bound, since a map
        that varies more has a higher one.
    by_number : float
        The same of a deviation that is known from the predicted CT number alone: how much of it
        the tissue tells without any look at the image.
    ratio : float
        Root mean square of error over stated deviation: 1 where it is right on the whole.
    cubes : int
        Cubes of 2 cm.
    cubes_within_1, cubes_within_2 : float
        Share of them whose mean error is at most one or two times their mean deviation.
    cubes_ratio : float
        Root mean square of the cubes' mean errors over that of their mean deviations: near 0 if
        errors of neighbors were independent, 1 if all errors of a cube were one.
    paths : int
        Beams.
    paths_within_1, paths_within_2 : float
        Share of beams whose path length differs by at most one or two of the deviations stated for
        errors that go together over 10 mm.
    paths_together_within_1 : float
        Likewise one of those stated for errors of one sign.
    tissues : tuple of TissueFigure
        By the acquired CT.
    """

    patient: str
    name: str
    voxels: int
    stated: float
    within_1: float
    within_2: float
    correlation: float
    attainable: float
    by_number: float
    ratio: float
    cubes: int
    cubes_within_1: float
    cubes_within_2: float
    cubes_ratio: float
    paths: int
    paths_within_1: float
    paths_within_2: float
    paths_together_within_1: float
    tissues: tuple[TissueFigure, ...]


MEANS = (
    "stated", "within_1", "within_2", "correlation", "attainable", "by_number", "ratio",
    "cubes_within_1", "cubes_within_2", "cubes_ratio", "paths_within_1", "paths_within_2",
    "paths_together_within_1",
)  # fmt: skip
"""Figures that have a mean over patients."""


def figures(one: Observed, calibration: Calibration, plain: Calibration) -> Figures:
    """How a calibration does on an image, beside one that knows the CT number alone."""
    alone = plain.deviation(one.value, np.zeros_like(one.spread))
    sigma = calibration.deviation(one.value, one.spread).astype(np.float64)
    error = one.error.astype(np.float64)
    off = np.abs(error) / sigma
    step = max(1, len(error) // MOST_RANKED)
    ranked = sigma[::step]
    drawn = ranked * np.abs(np.random.default_rng(0).normal(size=len(ranked)))
    mean_error, mean_sigma = _means(error, one.cube), _means(sigma, one.cube)
    apart = np.abs(mean_error) / mean_sigma
    beams = path_figures(one, calibration)
    ways = np.array([abs(beam.error) / max(beam.apart, LEAST_MM) for beam in beams])
    all_ways = np.array([abs(beam.error) / max(beam.together, LEAST_MM) for beam in beams])
    return Figures(
        patient=one.patient,
        name=one.name,
        voxels=len(error),
        stated=float(sigma.mean()),
        within_1=float((off <= 1).mean()),
        within_2=float((off <= 2).mean()),
        correlation=float(stats.spearmanr(ranked, np.abs(error[::step])).statistic),
        attainable=float(stats.spearmanr(ranked, drawn).statistic),
        by_number=float(stats.spearmanr(alone[::step], np.abs(error[::step])).statistic),
        ratio=_rms(off),
        cubes=len(apart),
        cubes_within_1=float((apart <= 1).mean()),
        cubes_within_2=float((apart <= 2).mean()),
        cubes_ratio=_rms(mean_error) / _rms(mean_sigma),
        paths=len(beams),
        paths_within_1=float((ways <= 1).mean()),
        paths_within_2=float((ways <= 2).mean()),
        paths_together_within_1=float((all_ways <= 1).mean()),
        tissues=tuple(
            TissueFigure(
                tissue.name, int(of.sum()), float(error[of].mean()), float(sigma[of].mean())
            )
            for n, tissue in enumerate(TISSUES)
            if (of := one.tissue == n).sum() >= LEAST_VOXELS
        ),
    )


def left_out(
    seen: Sequence[Observed], changes: tuple[str, ...], knots: Sequence[float]
) -> list[Figures]:
    """Figures of each patient, by the calibration of all the others."""
    found = []
    for patient in dict.fromkeys(one.patient for one in seen):
        others = [one for one in seen if one.patient != patient]
        calibration = fit(others, changes, knots)
        plain = fit(without_spread(others), changes, knots)
        found += [figures(one, calibration, plain) for one in seen if one.patient == patient]
    return found


def without_spread(seen: Sequence[Observed]) -> list[Observed]:
    """As if all runs had agreed: a calibration of these is a table by CT number."""
    return [replace(one, spread=np.zeros_like(one.spread)) for one in seen]


def by_patient(found: Sequence[Figures]) -> dict[str, dict[str, float]]:
    """Means over each patient's images."""
    rows: dict[str, dict[str, float]] = {}
    for patient in dict.fromkeys(one.patient for one in found):
        own = [one for one in found if one.patient == patient]
        rows[patient] = {
            name: float(np.mean([getattr(one, name) for one in own])) for name in MEANS
        }
    return rows


def mean_of(rows: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Means over patients."""
    return {name: float(np.mean([row[name] for row in rows.values()])) for name in MEANS}


def _means(values: npt.NDArray[np.float64], cube: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    inside = cube >= 0
    counts = np.bincount(cube[inside])
    sums = np.bincount(cube[inside], weights=values[inside])
    means: npt.NDArray[np.float64] = sums[counts > 0] / counts[counts > 0]
    return means


def _rms(values: npt.NDArray[np.float64]) -> float:
    return float(np.sqrt((values**2).mean()))
