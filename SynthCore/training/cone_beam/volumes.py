"""The real CTs that cone-beam scans are simulated from, without their own noise.

A cone-beam scan made of a noisy CT would carry the noise of its own answer, and a network would
learn to keep it: so each volume is made quiet first, by non-local means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.training.pairs import FOLDER, list_patients
from SynthCore.training.quiet import quiet

Float32 = npt.NDArray[np.float32]

PIXEL_MM = 1.0
"""In the plane, about that of cone-beam scanners; the model works at this spacing."""

_TOLERANCE = 0.04

CHEST = Path("ct") / "LIDC-IDRI-0314_chest_3mm.nii.gz"
CT_FILE = "CT_image.nii.gz"
ABDOMEN = Path("ct") / "totalsegmentator_example_ct.nii.gz"


@dataclass(frozen=True)
class Source:
    """A CT to scan.

    Attributes
    ----------
    patient : str
        Identifier in the data set.
    kind : str
        ``chest``, ``abdomen``, ``limb`` or ``head``.
    hu : numpy.ndarray
        [k, j, i], float32, quiet.
    spacing : tuple of float
        mm along (k, j, i).
    """

    patient: str
    kind: str
    hu: Float32
    spacing: tuple[float, float, float]


Sources = dict[str, Callable[[], Source]]
"""How to read or make each source, by patient."""


def real_sources(data: Path, left_out: tuple[str, ...]) -> Sources:
    """Every real CT but those left out.

    Raises
    ------
    InputError
        If the chest or the abdomen is not there, or there is no limb.
    """
    found: Sources = {}
    for patient, kind, place in (
        ("LIDC-IDRI-0314", "chest", CHEST),
        ("totalsegmentator-example", "abdomen", ABDOMEN),
    ):
        if not (data / place).is_file():
            raise InputError(f"There is no {place.as_posix()} in the data folder; name another.")
        found[patient] = partial(_read, patient, kind, data / place)
    for patient in list_patients(data):
        found[patient] = partial(_read, patient, "limb", data / FOLDER / patient / CT_FILE)
    return {patient: make for patient, make in found.items() if patient not in left_out}


def _read(patient: str, kind: str, path: Path) -> Source:
    return prepare(patient, kind, read(path, modality="CT"))


def limb(data: Path, patient: str) -> Image:
    """The CT of a pair."""
    return read(data / FOLDER / patient / CT_FILE, modality="CT")


def prepare(patient: str, kind: str, image: Image) -> Source:
    """A CT at `PIXEL_MM` in the plane, quiet."""
    i, j, k = image.spacing
    voxels = quiet(at_pixel(image.voxels.astype(np.float32), (j, i)))
    fine = tuple(PIXEL_MM if _coarse(s) else s for s in (j, i))
    return Source(patient, kind, voxels, (k, fine[0], fine[1]))


def at_pixel(voxels: Float32, spacing: tuple[float, float]) -> Float32:
    """Voxels [k, j, i] interpolated to `PIXEL_MM` where their spacing (j, i) is another."""
    factors = tuple(s / PIXEL_MM if _coarse(s) else 1.0 for s in spacing)
    if factors == (1.0, 1.0):
        return voxels
    sigma = [0.5 * max(0.0, 1 / f - 1) for f in factors]  # against aliasing where it shrinks
    smooth = ndimage.gaussian_filter(voxels, (0, *sigma)) if any(sigma) else voxels
    made = ndimage.zoom(smooth, (1.0, *factors), order=3, mode="nearest", grid_mode=True)
    return np.asarray(np.clip(made, -1024, 3071), dtype=np.float32)


def _coarse(spacing: float) -> bool:
    return abs(spacing / PIXEL_MM - 1) > _TOLERANCE
