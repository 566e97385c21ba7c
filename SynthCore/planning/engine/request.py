"""What the engine is asked: densities, target and body on one coarse grid, beams and a dose.

The engine knows grids along the patient's axes alone, so everything is brought onto one. Densities
are averaged over the coarse voxels rather than sampled: what a beam crosses is their mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from SynthCore.planning.density import Kind
from SynthCore.planning.path_length import Beam

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Modality = Literal["photons", "protons"]

FORMAT = 1
CURVES: Mapping[str, Kind] = {"photons": "red", "protons": "spr"}
"""Which density each modality follows."""

SPACING_MM = 4.0
LEAST_MM, MOST_MM = 1.5, 8.0
MARGIN_VOXELS = 2
MOST_VOXELS = 6_000_000
LEAST_TARGET = 20
"""Voxels of the dose grid: a smaller target has no dose-volume histogram worth the name."""

BODY_SHARE = 0.1
"""Of a coarse voxel: with more body than this in any of the images, dose is computed in it."""


@dataclass(frozen=True)
class DosePlan:
    """A plan of our own.

    Attributes
    ----------
    modality : {'photons', 'protons'}
        What is treated with.
    beams : tuple of Beam
        From where.
    prescription_gy : float
        Median dose of the target on the first density.
    spacing_mm : float
        Of the dose grid, all axes alike.
    spot_mm : float
        Distance of spots, or width of a photon beamlet, at the isocenter.
    """

    modality: Modality
    beams: tuple[Beam, ...]
    prescription_gy: float
    spacing_mm: float = SPACING_MM
    spot_mm: float = 6.0


def dose_grid(body: Mask, image: Image, spacing_mm: float) -> Image:
    """An empty image around a body, along the patient's axes.

    Parameters
    ----------
    body : numpy.ndarray of bool
        [k, j, i] on `image`'s grid.
    spacing_mm : float
        Of the new grid.

    Raises
    ------
    InputError
        If the body is empty, or the spacing is out of range or makes too large a grid.
    """
    if not LEAST_MM <= spacing_mm <= MOST_MM:
        raise InputError(
            f"A dose grid of {spacing_mm:g} mm is out of range: choose {LEAST_MM:g} to {MOST_MM:g}."
        )
    voxels = np.argwhere(body)
    if not len(voxels):
        raise InputError("No body was found to compute a dose in: check the CT numbers.")
    low, high = voxels.min(axis=0)[::-1] - 0.5, voxels.max(axis=0)[::-1] + 0.5
    corners = np.array([[i, j, k, 1.0] for i in (low[0], high[0]) for j in (low[1], high[1])
                        for k in (low[2], high[2])])  # fmt: skip
    places = (corners @ image.affine.T)[:, :3]
    # whole multiples of the spacing: the engine counts its planes by adding steps to the origin
    first = np.floor(places.min(axis=0) / spacing_mm) - MARGIN_VOXELS
    last = np.ceil(places.max(axis=0) / spacing_mm) + MARGIN_VOXELS
    counts = (last - first + 1).astype(int)
    if np.prod(counts) > MOST_VOXELS:
        raise InputError(
            f"A dose grid of {spacing_mm:g} mm has {np.prod(counts) / 1e6:.0f} million voxels "
            "around this body: choose a coarser one (--dose-spacing)."
        )
    x, y, z = (float(v) for v in first * spacing_mm)
    shape = (int(counts[2]), int(counts[1]), int(counts[0]))
    return Image(
        np.zeros(shape, dtype=np.float32), make_affine((spacing_mm,) * 3, (x, y, z)), unit="Gy"
    )


def write_request(
    folder: Path,
    plan: DosePlan,
    grid: Image,
    densities: Sequence[Float32],
    target: Mask,
    body: Mask,
    names: Sequence[str],
) -> None:
    """Fill a folder with what `child.py` reads; nothing in it names a patient.

    Parameters
    ----------
    grid : Image
        Along the patient's axes; see `dose_grid`.
    densities : sequence of numpy.ndarray
        [k, j, i] on the grid, relative to water; planned on the first.
    target, body : numpy.ndarray of bool
        On the grid; dose is computed in the body alone.
    names : sequence of str
        What the densities are of, for progress: kinds of CT, no patient's.

    Raises
    ------
    InputError
        If the target has too few voxels of the grid.
    """
    voxels = int(np.count_nonzero(target & body))
    if voxels < LEAST_TARGET:
        raise InputError(
            f"The target has {voxels} voxels of the dose grid of {plan.spacing_mm:g} mm, fewer "
            f"than {LEAST_TARGET}: choose a finer grid (--dose-spacing) or another target."
        )
    for n, density in enumerate(densities):
        np.save(folder / f"density-{n}.npy", np.ascontiguousarray(density, dtype=np.float32))
    np.save(folder / "target.npy", np.ascontiguousarray(target & body))
    np.save(folder / "body.npy", np.ascontiguousarray(body))
    request: dict[str, Any] = {
        "format": FORMAT,
        "modality": plan.modality,
        # the engine knows of nobody but who lies head first and supine
        "beams": [
            {"gantry": b.gantry % 360, "couch": b.couch % 360}
            for b in (beam.supine for beam in plan.beams)
        ],
        "prescription_gy": plan.prescription_gy,
        "spot_mm": plan.spot_mm,
        "spacing_mm": list(grid.spacing),
        "origin_mm": list(grid.origin),
        "names": list(names),
    }
    (folder / "request.json").write_text(json.dumps(request), "utf-8")


def read_answer(folder: Path, grid: Image, doses: int) -> tuple[tuple[Image, ...], dict[str, Any]]:
    """Doses in Gy on the grid, and what the engine says of itself.

    Raises
    ------
    InputError
        If an answer is missing or is no dose on the grid.
    """
    try:
        result = json.loads((folder / "result.json").read_text("utf-8"))
        arrays = [np.load(folder / f"dose-{n}.npy", allow_pickle=False) for n in range(doses)]
    except (OSError, ValueError) as error:
        raise InputError("The dose engine left no readable dose: run the check again.") from error
    for array in arrays:
        if array.shape != grid.shape or not np.isfinite(array).all():
            raise InputError(
                "The dose engine's dose does not lie on its grid: run the check again."
            )
    return tuple(grid.with_voxels(array.astype(np.float32)) for array in arrays), result
