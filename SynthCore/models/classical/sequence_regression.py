"""A missing MR sequence by regression over classes of tissue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.models.classical.base import Float32, Job
from SynthCore.models.normalize import Normalization, normalize

NORMALIZATION = Normalization("percentile", percentile=95.0, low=0.0, high=2.0)
"""Of every sequence: the scale that the tables were fitted in."""

OUTPUT_SCALE = 1000.0
"""Normalized 1 becomes this in the result's arbitrary units, so that integers hold it."""


@dataclass(frozen=True)
class SequenceRegression:
    """Expected target intensity in each class of input intensity, by a table a pair of roles.

    A class is an interval of the normalized intensity of an input; the table gives the mean and
    the standard deviation of the target in that class. Where several inputs are given, their
    expectations are averaged with the inverse of their variances, as for independent
    measurements of one quantity.

    Attributes
    ----------
    edges : sequence of float
        Borders of the classes, ascending, one more than there are classes.
    tables : sequence of tuple
        One row a table: source role, target role, means, standard deviations.
    """

    edges: Sequence[float]
    tables: Sequence[tuple[str, str, Sequence[float], Sequence[float]]]

    def __post_init__(self) -> None:
        if len(self.edges) < 2 or np.any(np.diff(self.edges) <= 0):
            raise ValueError("edges are not ascending")
        if any(len(values) != len(self.edges) - 1 for row in self.tables for values in row[2:]):
            raise ValueError("a table has not one value a class")

    def __call__(self, job: Job) -> Float32:
        """The target sequence in arbitrary units (1000 = its 95th percentile)."""
        centers = (np.asarray(self.edges[:-1]) + np.asarray(self.edges[1:])) / 2
        found = {s: (m, d) for s, t, m, d in self.tables if t == job.target and s in job.inputs}
        if not found:
            given = ", ".join(job.inputs)
            raise InputError(f"No table leads from {given} to {job.target}; give T1 or T2 as well.")
        some = next(iter(job.inputs.values()))
        total = np.zeros(some.shape, dtype=np.float32)
        weights = np.zeros(some.shape, dtype=np.float32)
        for role in job.steps(found, len(found), "regression"):
            means, deviations = found[role]
            seen = normalize(job.inputs[role].voxels, NORMALIZATION)
            weight = 1 / np.maximum(_at(seen, centers, deviations), 0.02) ** 2
            total += weight * _at(seen, centers, means)
            weights += weight
        out = OUTPUT_SCALE * total / weights
        out[~job.body] = 0
        return out


def _at(seen: Float32, centers: npt.NDArray[Any], values: Sequence[float]) -> Float32:
    interpolated: Float32 = np.interp(seen, centers, np.asarray(values)).astype(np.float32)
    return interpolated


def fit_table(
    source: npt.NDArray[Any], target: npt.NDArray[Any], edges: Sequence[float]
) -> tuple[list[float], list[float], list[int]]:
    """Mean, standard deviation and count of `target` in each class of `source`.

    Parameters
    ----------
    source, target : numpy.ndarray
        Normalized intensities of the same voxels, any shape.
    edges : sequence of float
        Borders of the classes.

    Returns
    -------
    tuple of list
        One value a class; an empty class takes its nearest neighbor's mean and deviation.
    """
    kind = np.clip(np.digitize(source.ravel(), edges) - 1, 0, len(edges) - 2)
    values = target.ravel().astype(np.float64)
    n = np.bincount(kind, minlength=len(edges) - 1)
    sums = np.bincount(kind, values, minlength=len(n))
    squares = np.bincount(kind, values**2, minlength=len(n))
    filled = np.flatnonzero(n > 0)
    nearest = filled[np.abs(filled[:, None] - np.arange(len(n))).argmin(axis=0)]
    mean = (sums / np.maximum(n, 1))[nearest]
    deviation = np.sqrt(np.maximum((squares / np.maximum(n, 1))[nearest] - mean**2, 0))
    return (
        [round(float(v), 4) for v in mean],
        [round(float(v), 4) for v in deviation],
        [int(v) for v in n],
    )
