"""Real volumes whose planes are fine enough to be thinned and learned from."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.models.normalize import Normalization, foreground, normalize, scale_of
from SynthCore.tasks import CT_ROLES

MR_NORMALIZATION = Normalization("percentile", percentile=99.0, low=-0.5, high=4.0)
CT_NORMALIZATION = Normalization("linear", offset=0.0, scale=1000.0, low=-1.5, high=4.0)

ISOTROPIC = 1.2
"""Largest ratio of spacings at which a volume may be thinned along any axis."""

POINTS_EVERY = 4

_BRAINS = {
    "mr_multicontrast/open_ms_cross_patient07": ("T1", "T1c", "T2", "FLAIR"),
    "mr_multicontrast/cstar_stroke": ("T1", "T2", "FLAIR"),
    "tumour/TCGA-FG-6692_brats": ("t1", "t1c", "t2", "flair"),
}
_HEADS = (
    "open_ms_long_patient01_study1",
    "open_ms_long_patient01_study2",
    "open_ms_long_patient03_study2",
)
_SARCOMA = "mr_ct_pairs"


@dataclass(frozen=True)
class Volume:
    """One image to draw planes from.

    Attributes
    ----------
    patient : str
        Identifier in the data set.
    kind : str
        ``brain`` (isotropic), ``head``, ``limb``; ``chest``, ``limb CT``: each has its share.
    voxels : numpy.ndarray
        [k, j, i] float16, normalized.
    contrast : bool
        Whether its intensities may be bent: MR has no scale of its own.
    isotropic : bool
        Whether every axis may be thinned; else j and i.
    apart : float
        Pixels from slice to slice.
    points : numpy.ndarray
        [n, 3] voxels (k, j, i) in the body.
    """

    patient: str
    kind: str
    voxels: npt.NDArray[np.float16] = field(repr=False)
    contrast: bool
    isotropic: bool
    apart: float
    points: npt.NDArray[np.int64] = field(repr=False)


def volumes(data: Path, left_out: Collection[str]) -> list[Volume]:
    """MR of brains, heads with their skull and limbs, CT of a chest and limbs.

    Parameters
    ----------
    data : Path
        The folder of real images.
    left_out : collection of str
        Patients that are not trained on.

    Raises
    ------
    InputError
        If there is none.
    """
    found = [
        _volume(patient, kind, read(path, modality=role))
        for patient, kind, path, role in _files(data)
        if patient not in left_out
    ]
    if not found:
        raise InputError("The folder of real images holds none to learn super-resolution from.")
    return found


def patients(data: Path) -> list[str]:
    """Everyone whose volumes are there."""
    return list(dict.fromkeys(patient for patient, *_ in _files(data)))


def _files(data: Path) -> Iterator[tuple[str, str, Path, str]]:
    """Patient, kind of volume, file and role of all that is there."""
    for brain, names in _BRAINS.items():
        for name in names:
            if (path := data / brain / f"{name}.nii.gz").is_file():
                yield Path(brain).name, "brain", path, "T1"
    for study in _HEADS:
        for path in sorted((data / "mr_multicontrast" / study).glob("*.nii.gz")):
            yield study.rsplit("_", 1)[0], "head", path, "T1"
    for path in sorted((data / "tumour" / "pyradiomics").glob("brain?_image.nrrd")):
        yield path.stem.removesuffix("_image"), "head", path, "T1c"
    limbs = sorted((data / _SARCOMA).glob("STS_*"))
    for folder in limbs:
        if (path := folder / "MR_T1_image.nii.gz").is_file():
            yield folder.name, "limb", path, "T1"
    chest = data / "ct" / "LIDC-IDRI-0314_chest_3mm.nii.gz"
    if chest.is_file():
        yield "LIDC-IDRI-0314", "chest", chest, "CT"
    for folder in limbs:
        if (path := folder / "CT_image.nii.gz").is_file():
            yield folder.name, "limb CT", path, "CT"


def _volume(patient: str, kind: str, image: Image) -> Volume:
    how = CT_NORMALIZATION if image.modality in CT_ROLES else MR_NORMALIZATION
    voxels = normalize(image.voxels, how, scale_of(image.voxels, how)).astype(np.float16)
    spacing = image.spacing
    body = image.voxels > -300.0 if how.kind == "linear" else foreground(image.voxels)
    step = POINTS_EVERY
    points = np.argwhere(body[:, ::step, ::step]) * (1, step, step)
    isotropic = max(spacing) <= ISOTROPIC * min(spacing)
    apart = spacing[2] / math.sqrt(spacing[0] * spacing[1])
    return Volume(patient, kind, voxels, how.kind == "percentile", isotropic, apart, points)
