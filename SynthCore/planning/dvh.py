"""Dose-volume histograms and what is read from them.

Dose is in Gy, at voxels or points of a structure (`SynthCore.planning.dose_sampling` reads it).
Dx is the least dose that the best-covered x percent of the volume receive; it is interpolated
between voxels, as ICRU 83 defines it on the cumulative histogram.

Reference: ICRU Report 83, J ICRU 2010;10(1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dvh:
    """The cumulative histogram of one structure.

    Attributes
    ----------
    name : str
        The structure's.
    dose : numpy.ndarray
        [n] Gy, ascending: the dose of each voxel.
    weight : numpy.ndarray
        [n], share of the voxel in the structure, in the order of `dose`.
    voxel_cm3 : float
        Volume of a whole voxel.
    """

    name: str
    dose: Values
    weight: Values
    voxel_cm3: float

    @property
    def volume_cm3(self) -> float:
        """Of the structure, as far as it lies in the dose."""
        return float(self.weight.sum() * self.voxel_cm3)

    @property
    def mean(self) -> float:
        """Mean dose, Gy."""
        return float(np.average(self.dose, weights=self.weight))

    def d(self, percent: float) -> float:
        """D98, D95, D50, D2: the dose in Gy that `percent` of the volume receive at least."""
        # share of the volume at this voxel's dose or above, at the middle of the voxel's own share
        above = 100 * (1 - (np.cumsum(self.weight) - self.weight / 2) / self.weight.sum())
        return float(np.interp(-percent, -above, self.dose))

    def v(self, dose: float) -> float:
        """V20 and the like: percent of the volume that receives `dose` Gy or more."""
        return float(100 * self.weight[self.dose >= dose].sum() / self.weight.sum())

    def curve(self, doses: Values) -> Values:
        """Percent of the volume at each of these doses or above."""
        total = np.concatenate([[0.0], np.cumsum(self.weight)])
        below = total[np.searchsorted(self.dose, doses, side="left")]
        share: Values = 100 * (1 - below / total[-1])
        return share


def make_dvh(name: str, dose: npt.NDArray[Any], inside: npt.NDArray[Any], voxel_mm3: float) -> Dvh:
    """The histogram of a structure.

    Parameters
    ----------
    name : str
        The structure's.
    dose : numpy.ndarray
        In Gy, of voxels or points in any order.
    inside : numpy.ndarray
        Of the same shape: share of each in the structure, or a mask.
    voxel_mm3 : float
        Volume of each.

    Raises
    ------
    InputError
        If none of them lies in the structure.
    """
    share = np.asarray(inside, dtype=np.float64)
    chosen = share > 0
    if not chosen.any():
        raise InputError(
            f"Nothing of the structure {name} lies in the dose: compute the dose on a grid that "
            "reaches it."
        )
    values, weight = np.asarray(dose, dtype=np.float64)[chosen], share[chosen]
    order = np.argsort(values, kind="stable")
    return Dvh(name, values[order], weight[order], voxel_mm3 / 1000)


def figures(
    dvh: Dvh, percents: Sequence[float] = (98, 95, 50, 2), doses: Sequence[float] = ()
) -> Mapping[str, float]:
    """D98 and the others in Gy, ``mean`` in Gy, and ``V20Gy`` and the like in percent."""
    found = {f"D{percent:g}": dvh.d(percent) for percent in percents}
    found["mean"] = dvh.mean
    return found | {f"V{dose:g}Gy": dvh.v(dose) for dose in doses}
