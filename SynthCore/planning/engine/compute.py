"""Doses of one plan on several CTs of a patient: asked of the engine, read back, cleaned up."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil

from SynthCore.image import Image
from SynthCore.planning.averaged import averaged
from SynthCore.planning.density import Curve
from SynthCore.planning.engine.process import run_child
from SynthCore.planning.engine.request import (
    BODY_SHARE,
    DosePlan,
    dose_grid,
    read_answer,
    write_request,
)
from SynthCore.request import Cancelled, Progress

Mask = npt.NDArray[np.bool_]

MEMORY_SHARE = 0.9
"""Of what is free when the engine starts: beyond it the engine is ended, before the system is."""


@dataclass(frozen=True)
class ComputedDoses:
    """Doses of one plan of our own.

    Attributes
    ----------
    plan : DosePlan
        What was planned, on the first CT.
    doses : mapping
        Gy by the name of the CT, all on one grid along the patient's axes.
    body : Image
        On that grid: 1 where dose was computed, in the body of any of the CTs.
    engine, curve : str
        What computed them, and from which densities.
    spots : int
        Spots, or photon beamlets, of the plan.
    seconds : float
        In the engine.
    peak_mb : float or None
        The most memory that the engine's process held.
    """

    plan: DosePlan
    doses: Mapping[str, Image]
    body: Image
    engine: str
    curve: str
    spots: int
    seconds: float
    peak_mb: float | None

    @property
    def source(self) -> str:
        """One line for a report."""
        beams = ", ".join(beam.name for beam in self.plan.beams)
        return (
            f"computed by {self.engine} (research engine, generic beams), {self.plan.modality}, "
            f"{beams}, {self.spots} spots of {self.plan.spot_mm:g} mm, dose grid "
            f"{self.plan.spacing_mm:g} mm, {self.plan.prescription_gy:g} Gy to the target's median "
            f"on the real CT, {self.curve}; the same spots and weights on every CT"
        )


def compute_doses(
    plan: DosePlan,
    cts: Mapping[str, Image],
    bodies: Mapping[str, Mask],
    target: Mask,
    curve: Curve,
    *,
    python: Path,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ComputedDoses:
    """Plan on the first CT, and compute the dose of the same spots and weights on all of them.

    Parameters
    ----------
    cts : mapping
        HU by name, all on one grid.
    bodies : mapping
        [k, j, i] for each of them: what lies outside counts nothing.
    target : numpy.ndarray of bool
        [k, j, i] on the CTs' grid.
    curve : Curve
        From HU to the density that the plan's modality follows.
    python : Path
        The engine's interpreter; `SynthCore.planning.engine.environment.require_engine`.

    Raises
    ------
    InputError
        If the target is too small for the dose grid, or the grid too large.
    ComputationError, OutOfMemoryError, CancelledError
        As `run_child`.
    """
    first = next(iter(cts.values()))
    whole = np.any(list(bodies.values()), axis=0)
    grid = dose_grid(whole, first, plan.spacing_mm)
    densities = [
        averaged(curve.within(bodies[name], ct.voxels), ct, grid) for name, ct in cts.items()
    ]
    body = averaged(whole.astype(np.float32), first, grid) > BODY_SHARE
    inside = averaged(target.astype(np.float32), first, grid) > 0.5
    memory = int(MEMORY_SHARE * psutil.virtual_memory().available / 2**20)
    # voxels of a patient: a folder that only this user may read, and no name in it
    with tempfile.TemporaryDirectory(prefix="synthcore-dose-") as name:
        folder = Path(name)
        write_request(folder, plan, grid, densities, inside, body, tuple(cts))
        run_child(
            python, folder, name=plan.modality, memory_mb=memory, progress=progress,
            cancelled=cancelled,
        )  # fmt: skip
        images, said = read_answer(folder, grid, len(cts))
    peak = said.get("peak_mb")
    return ComputedDoses(
        plan, dict(zip(cts, images, strict=True)),
        grid.with_voxels(body.astype(np.uint8), unit=""), str(said.get("engine", "pyRadPlan"))[:80],
        f"density by {curve.name}", int(said.get("spots", 0)), float(said.get("seconds", 0.0)),
        None if peak is None else float(peak),
    )  # fmt: skip
