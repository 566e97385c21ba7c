"""Fit a calibration by maximum likelihood: floor and factor at knots, on patients of equal weight.

Errors are taken as normal with the deviation that the calibration states; neighboring knots are
held together a little, so that a range that few voxels fall in takes after the ones beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import optimize

from SynthCore.bench.uncertainty.observe import Observed
from SynthCore.models.uncertainty import Calibration, bent

Float64 = npt.NDArray[np.float64]

MOST_VOXELS = 40_000
"""Of a patient, drawn at random: neighbors say the same, and more take only time."""
SMOOTH = 1e-4
"""Weight of squared differences of neighboring log values, against the mean log likelihood."""
LEAST_VARIANCE = 1e-2
"""HU squared."""
_LOW, _HIGH = (-2.0, -4.0), (7.0, 4.5)
"""Bounds of the logarithms of floor (HU) and factor."""


def fit(
    seen: Sequence[Observed], changes: tuple[str, ...], knots: Sequence[float], seed: int = 0
) -> Calibration:
    """The calibration that makes the errors of these patients likeliest.

    Parameters
    ----------
    seen : sequence of Observed
        A patient's images share that patient's weight.
    changes : tuple of str
        That the spread was observed with.
    knots : sequence of float
        HU, ascending.
    seed : int
        Of the voxels that are drawn.
    """
    rng = np.random.default_rng(seed)
    patients = [one.patient for one in seen]
    basis, spread, squared, weight = [], [], [], []
    for one in seen:
        share = 1 / patients.count(one.patient)
        count = min(len(one.error), int(MOST_VOXELS * share))
        drawn = rng.choice(len(one.error), count, replace=False)
        basis.append(hats(one.value[drawn], knots))
        spread.append(bent(one.spread[drawn].astype(np.float64)))
        squared.append(one.error[drawn].astype(np.float64) ** 2)
        weight.append(np.full(count, share / count))
    hat, s = np.concatenate(basis), np.concatenate(spread)
    e2, w = np.concatenate(squared), np.concatenate(weight)
    w /= w.sum()
    n = len(knots)

    def cost(logs: Float64) -> tuple[float, Float64]:
        floor, factor = np.exp(logs[:n]), np.exp(logs[n:])
        a, b = hat @ floor, (hat @ factor) * s
        variance = a**2 + b**2 + LEAST_VARIANCE
        value = float((w * (np.log(variance) + e2 / variance)).sum()) / 2
        slope = w * (1 / variance - e2 / variance**2)
        gradient = np.concatenate([hat.T @ (slope * a) * floor, hat.T @ (slope * b * s) * factor])
        for part in (slice(0, n), slice(n, 2 * n)):
            steps = np.diff(logs[part])
            value += SMOOTH * float((steps**2).sum())
            gradient[part][:-1] -= 2 * SMOOTH * steps
            gradient[part][1:] += 2 * SMOOTH * steps
        return value, gradient

    start = np.concatenate([np.full(n, np.log(np.sqrt(e2.mean() / 2) + 1)), np.zeros(n)])
    bounds = [(_LOW[0], _HIGH[0])] * n + [(_LOW[1], _HIGH[1])] * n
    found = optimize.minimize(
        cost, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 400}
    )
    values = np.exp(found.x)
    return Calibration(
        changes,
        tuple(float(v) for v in knots),
        tuple(round(float(v), 2) for v in values[:n]),
        tuple(round(float(v), 3) for v in values[n:]),
    )


def hats(values: npt.NDArray[np.float32], knots: Sequence[float]) -> Float64:
    """Weights [n, knots] with which values take part in each knot, linear between them."""
    eye = np.eye(len(knots))
    return np.stack([np.interp(values, knots, one) for one in eye], axis=1)
