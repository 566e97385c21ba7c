"""Real volumes of patients that were not trained on, thinned here: the judges of super-resolution.

A volume's slices are averaged in groups along k, as a scanner averages over thicker slices. What
is made from them is averaged over each original slice's extent and compared with that slice; where
the volume is isotropic the made slices are the original ones and nothing is averaged.
"""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.files.read import read
from SynthCore.image import Affine, Image
from SynthCore.physics.thick_slices import Float32, ThickStack, along_first
from SynthCore.quality.masks import body_mask_ct, body_mask_mr
from SynthCore.quality.ssim import ssim_in_mask
from SynthCore.tasks import CT_ROLES

MARGIN = 4
CT_RANGE = (-1024.0, 3071.0)


@dataclass(frozen=True)
class Thinned:
    """One volume at one factor.

    Attributes
    ----------
    name : str
        Patient and sequence.
    factor : int
        Slices averaged into one.
    full : Image
        The original, cut to the patient and to a whole number of thick slices.
    thick : Image
        The thinned one.
    mask : numpy.ndarray of bool
        [k, j, i] of `full`: the patient.
    """

    name: str
    factor: int
    full: Image
    thick: Image
    mask: npt.NDArray[np.bool_]


BRAINS = (
    ("brainlesion_AURORA", "mr_multicontrast/brainlesion_AURORA/t1.nii.gz", "T1"),
    ("brainlesion_AURORA", "mr_multicontrast/brainlesion_AURORA/t1c.nii.gz", "T1c"),
    ("brainlesion_AURORA", "mr_multicontrast/brainlesion_AURORA/t2.nii.gz", "T2"),
    ("brainlesion_AURORA", "mr_multicontrast/brainlesion_AURORA/flair.nii.gz", "FLAIR"),
    ("open_ms_cross_patient26", "mr_multicontrast/open_ms_cross_patient26/T1.nii.gz", "T1"),
    ("open_ms_cross_patient26", "mr_multicontrast/open_ms_cross_patient26/T1c.nii.gz", "T1c"),
    ("open_ms_cross_patient26", "mr_multicontrast/open_ms_cross_patient26/T2.nii.gz", "T2"),
    ("open_ms_cross_patient26", "mr_multicontrast/open_ms_cross_patient26/FLAIR.nii.gz", "FLAIR"),
)
"""Isotropic at 1 mm: patient, file, role."""

BRAIN_FACTORS = (3, 4, 6)

OTHERS = (
    ("open_ms_long_patient04", "mr_multicontrast/open_ms_long_patient04_study1/T1W.nii.gz", "T1"),
    ("STS_010", "mr_ct_pairs/STS_010/MR_T1_image.nii.gz", "T1"),
    ("STS_031", "mr_ct_pairs/STS_031/MR_T1_image.nii.gz", "T1"),
    ("STS_010", "mr_ct_pairs/STS_010/CT_image.nii.gz", "CT"),
    ("STS_031", "mr_ct_pairs/STS_031/CT_image.nii.gz", "CT"),
    ("CRLM-CT-1004", "dicom/CRLM-CT-1004_CT_abdomen.zip", "CT"),
    ("totalsegmentator-example", "ct/totalsegmentator_example_ct.nii.gz", "CT"),
)
"""Thick or coarse already: 3 mm slices averaged in pairs, and 3 mm voxels."""


def cases(data: Path, quick: bool = False) -> list[tuple[str, str, str, int]]:
    """Patient, file, role and factor of every case whose file is there.

    `quick` leaves two brains of one factor.
    """
    found = [(*one, factor) for one in BRAINS for factor in BRAIN_FACTORS]
    found += [(*one, 2) for one in OTHERS]
    if quick:
        found = [one for one in found if one[3] == 4 and one[2] in ("T1", "FLAIR")]
    return [one for one in found if (data / one[1]).is_file()]


def thinned(data: Path, patient: str, file: str, role: str, factor: int) -> Thinned:
    """A case from its file."""
    image, mask = _whole(data, file, role)
    count = image.shape[0] // factor * factor
    full = _cut(image, (slice(0, count), slice(None), slice(None)))
    voxels = full.voxels.reshape(count // factor, factor, *full.shape[1:]).mean(axis=1)
    affine = full.affine.copy()
    affine[:3, 3] += (factor - 1) / 2 * affine[:3, 2]
    affine[:3, 2] *= factor
    thick = Image(voxels.astype(np.float32), affine, role, full.unit)
    return Thinned(f"{patient} {role}", factor, full, thick, mask[:count])


def onto_full(made: Float32, case: Thinned) -> Float32:
    """Made slices [m, j, i], averaged over the extent of each original slice."""
    slices = case.full.shape[0]
    if len(made) == slices:
        return made
    return along_first(ThickStack(slices, len(made)).means, made)


def score(made: Float32, case: Thinned) -> dict[str, float]:
    """PSNR, SSIM and MAE inside the patient, of made slices on the original's.

    MR: both scaled by the 99.5 percentile of the original in the mask, and clipped to [0, 1]; MAE
    in percent of it. CT: clipped to `CT_RANGE` and scaled from it; MAE in HU.
    """
    full, mask = case.full.voxels.astype(np.float32), case.mask
    if case.full.modality in CT_ROLES:
        low, high, unit = CT_RANGE[0], CT_RANGE[1], CT_RANGE[1] - CT_RANGE[0]
    else:
        low, high, unit = 0.0, float(np.percentile(full[mask], 99.5)), 100.0
    a, b = (np.clip((v - low) / (high - low), 0, 1) for v in (onto_full(made, case), full))
    error = (a - b)[mask].astype(np.float64)
    outside = ~mask
    a[outside] = b[outside] = 0
    return {
        "psnr_db": float(-10 * np.log10(max(np.mean(error**2), 1e-12))),
        "ssim": ssim_in_mask(a, b, mask, 1.0),
        "mae": float(np.abs(error).mean() * unit),
    }


@cache
def _whole(data: Path, file: str, role: str) -> tuple[Image, npt.NDArray[np.bool_]]:
    path = data / file
    if path.suffix == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder)
            image = read(folder, modality=role)
            image = Image(np.array(image.voxels), image.affine, role, image.unit)
    else:
        image = read(path, modality=role)
    find = body_mask_ct if role in CT_ROLES else body_mask_mr
    mask = find(image.voxels, image.spacing)
    area = []
    for axis in range(3):
        held = np.flatnonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))
        first, last = max(0, held[0] - MARGIN), min(mask.shape[axis], held[-1] + 1 + MARGIN)
        area.append(slice(int(first), int(last)))
    found = area[0], area[1], area[2]
    cut = _cut(image, found)
    return Image(cut.voxels.astype(np.float32), cut.affine, role, image.unit), mask[found]


def _cut(image: Image, area: tuple[slice, slice, slice]) -> Image:
    affine: Affine = image.affine.copy()
    first = [part.start or 0 for part in reversed(area)]
    affine[:3, 3] = (affine @ np.array([*first, 1.0]))[:3]
    return Image(image.voxels[area], affine, image.modality, image.unit)
