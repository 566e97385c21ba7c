"""Gamma: whether one dose is within a dose difference and a distance of another, voxel by voxel.

Computed by pymedphys; engines differ (by a point and more at 1%/1 mm), so every parameter stands
with the result.

Reference: Low et al., Med Phys 1998;25:656; Miften et al. (AAPM TG-218), Med Phys 2018;45:e53.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import CancelledError, InputError
from SynthCore.image import Image
from SynthCore.request import Cancelled, Progress

Float32 = npt.NDArray[np.float32]

SLAB = 8
"""Slices of the reference at a time, so that progress can be told and a cancel heard."""


@dataclass(frozen=True)
class Criteria:
    """What passes.

    Attributes
    ----------
    percent, distance_mm : float
        Dose difference and distance to agreement.
    cutoff_percent : float
        Reference voxels below this share of the normalization are left out.
    local : bool
        Whether the difference is of each voxel's own dose, rather than of the normalization.
    normalization_gy : float or None
        The maximum of the reference where None.
    interpolation : int
        Steps within the distance.
    most : float
        Gamma is not searched for beyond this.
    """

    percent: float
    distance_mm: float
    cutoff_percent: float = 10.0
    local: bool = False
    normalization_gy: float | None = None
    interpolation: int = 10
    most: float = 2.0

    @property
    def name(self) -> str:
        """Such as ``2%/2mm global``."""
        kind = "local" if self.local else "global"
        return f"{self.percent:g}%/{self.distance_mm:g}mm {kind}"


@dataclass(frozen=True)
class Gamma:
    """The result.

    Attributes
    ----------
    values : numpy.ndarray
        [k, j, i], NaN where the reference lies below the cutoff.
    pass_percent : float
        Share of the voxels that count with gamma of 1 or less.
    mean : float
        Of gamma, searched up to `Criteria.most`.
    voxels : int
        That count.
    engine : str
        Name and version.
    """

    criteria: Criteria
    values: Float32
    pass_percent: float
    mean: float
    voxels: int
    normalization_gy: float
    engine: str


def gamma(
    reference: Image,
    evaluated: Image,
    criteria: Criteria,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Gamma:
    """Compare two doses on one grid.

    Parameters
    ----------
    reference, evaluated : Image
        [k, j, i] in Gy.
    criteria : Criteria
        What passes.
    progress, cancelled : callable, optional
        Told and asked between slabs of slices.

    Raises
    ------
    InputError
        If pymedphys is not installed, the grids differ, or no voxel lies above the cutoff.
    CancelledError
        If `cancelled` said so.
    """
    if not reference.same_grid(evaluated):
        raise InputError("The two doses lie on different grids: resample one onto the other.")
    compute, engine = _engine()
    top = criteria.normalization_gy or float(reference.voxels.max())
    if top <= 0 or not (reference.voxels >= top * criteria.cutoff_percent / 100).any():
        raise InputError("The reference dose has no voxel above the cutoff: check its scale.")
    # only lengths count: axes run along the voxels, whatever way the grid lies in the patient
    axes = [
        np.arange(n) * step
        for n, step in zip(reference.shape, reference.spacing[::-1], strict=True)
    ]
    given, made = (image.voxels.astype(np.float64) for image in (reference, evaluated))
    values = np.full(reference.shape, np.nan, dtype=np.float32)
    for first in range(0, reference.shape[0], SLAB):
        if cancelled is not None and cancelled():
            raise CancelledError("Cancelled; the doses were not compared.")
        slab = slice(first, first + SLAB)
        if (given[slab] >= top * criteria.cutoff_percent / 100).any():
            values[slab] = compute(
                (axes[0][slab], axes[1], axes[2]), given[slab], tuple(axes), made,
                criteria.percent, criteria.distance_mm,
                lower_percent_dose_cutoff=criteria.cutoff_percent,
                interp_fraction=criteria.interpolation, max_gamma=criteria.most,
                local_gamma=criteria.local, global_normalisation=top,
            )  # fmt: skip
        if progress is not None:
            progress(min(1.0, (first + SLAB) / reference.shape[0]), f"gamma {criteria.name}")
    counted = np.isfinite(values)
    return Gamma(
        criteria,
        values,
        float(100 * np.mean(values[counted] <= 1.0)),
        float(np.mean(values[counted])),
        int(counted.sum()),
        top,
        engine,
    )


def _engine() -> tuple[Callable[..., Any], str]:
    try:
        import pymedphys

        return pymedphys.gamma, f"pymedphys {version('pymedphys')}"
    except (ImportError, PackageNotFoundError) as error:
        raise InputError(
            "Gamma needs pymedphys, which is not installed: run ./scripts/setup in the project's "
            "folder, or install the extra dose."
        ) from error
