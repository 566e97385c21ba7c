"""Real MS cases with lesion masks, as a network is trained and tested on them.

Of the real images only the two of open_ms_data (cross-sectional) have a manual mask of MS lesions;
the mask of the glioma is a fusion of algorithms, and the other MR studies have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.files.mask import read_mask
from SynthCore.files.read import read
from SynthCore.image import Image

PATIENTS = ("07", "26")
ROLES = ("FLAIR", "T1", "T2")
CHANNELS = 5
"""FLAIR of the slice and its two neighbors, T1, T2."""

MARGIN = 6
COARSER = 2
"""Images of 1 mm are averaged to 2 mm, so that each training takes a minute or two of one core."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """FLAIR, T1 and T2 [3, k, j, i] around mean 0, with brain and lesions [k, j, i]."""

    name: str
    patient: str
    images: Floats = field(repr=False)
    brain: npt.NDArray[np.bool_] = field(repr=False)
    lesions: npt.NDArray[np.bool_] = field(repr=False)
    voxel_ml: float = 0.001

    @cached_property
    def in_brain(self) -> npt.NDArray[np.intp]:
        """Indices (k, j, i) of the brain's voxels."""
        return np.argwhere(self.brain)

    @cached_property
    def in_lesions(self) -> npt.NDArray[np.intp]:
        """Indices (k, j, i) of the lesions' voxels."""
        return np.argwhere(self.lesions)


def folder_of(data: Path, patient: str) -> Path:
    """Where a patient's images lie."""
    return data / "mr_multicontrast" / f"open_ms_cross_patient{patient}"


def read_real(data: Path, patient: str) -> tuple[dict[str, Image], Image]:
    """The images by role, and the mask on their grid.

    Raises
    ------
    InputError
        If they are not in `data`.
    """
    folder = folder_of(data, patient)
    if not folder.is_dir():
        raise InputError(f"There is no patient {patient} of open_ms_data in {data}; give --data.")
    images = {role: read(folder / f"{role}.nii.gz", modality=role) for role in ROLES}
    return images, read_mask(folder / "lesion_mask.nii.gz", images["FLAIR"])


def as_case(name: str, patient: str, images: Mapping[str, Image], lesions: Image) -> Case:
    """Cut to the brain, each image divided by its spread within it, at 2 mm.

    Images of one grid of 1 mm, brain only: outside is zero. A voxel is lesion where half of it is.
    """
    first = images[ROLES[0]]
    brain = np.all([images[role].voxels > 0 for role in ROLES], axis=0)
    if not brain.any():
        raise InputError(f"The images of {name} show nothing in common.")
    found = [(np.where(np.any(brain, axis=axes)))[0] for axes in ((1, 2), (0, 2), (0, 1))]
    box = tuple(
        slice(max(int(n[0]) - MARGIN, 0), int(n[-1]) + MARGIN + 1) for n in found
    )  # fmt: skip
    brain = brain[box]
    made = []
    for role in ROLES:
        voxels = np.asarray(images[role].voxels[box], dtype=np.float32)
        inside = voxels[brain]
        low, middle, high = np.percentile(inside, (10, 50, 90))
        made.append(np.where(brain, (voxels - middle) / max(high - low, 1e-6), -2.0))
    there = _coarse(brain.astype(np.float32)) >= 0.5
    return Case(
        name, patient,
        np.stack([np.where(there, _coarse(image), -2.0) for image in made]).astype(np.float32),
        there, _coarse((lesions.voxels[box] > 0).astype(np.float32)) >= 0.5,
        float(np.prod(first.spacing)) * COARSER**3 / 1000,
    )  # fmt: skip


def _coarse(voxels: Floats) -> Floats:
    """Means of cubes of `COARSER` voxels; what is left over at the ends is outside of the brain."""
    n = COARSER
    k, j, i = (size // n for size in voxels.shape)
    cut = voxels[: k * n, : j * n, : i * n].reshape(k, n, j, n, i, n)
    return np.asarray(cut.mean(axis=(1, 3, 5)), dtype=np.float32)


def slab(case: Case, k: int) -> Floats:
    """The network's channels [5, j, i] for slice k."""
    last = case.images.shape[1] - 1
    flair, t1, t2 = case.images
    return np.stack([flair[max(k - 1, 0)], flair[k], flair[min(k + 1, last)], t1[k], t2[k]])
