"""Real volumes whose planes are fine enough to be thinned and learned from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.models.normalize import Normalization, foreground, normalize, scale_of
from SynthCore.training.recipe import refuse_leakage
from SynthCore.training.super_resolution.recipe import RECIPE

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


def volumes(data: Path) -> list[Volume]:
    """All to train on: MR of brains, heads with their skull and limbs; CT of a chest and limbs.

    Raises
    ------
    InputError
        If there is none, or a validation patient is among them.
    """
    found = [_volume(*one, MR_NORMALIZATION) for one in _mr_images(data)]
    found += [_volume(*one, CT_NORMALIZATION) for one in _ct_images(data)]
    if not found:
        raise InputError("The folder of real images holds none to learn super-resolution from.")
    refuse_leakage(RECIPE, [volume.patient for volume in found])
    return found


def _mr_images(data: Path) -> Iterator[tuple[str, str, Image]]:
    for folder, names in _BRAINS.items():
        for name in names:
            path = data / folder / f"{name}.nii.gz"
            if path.is_file():
                yield Path(folder).name, "brain", read(path, modality="T1")
    for folder in _HEADS:
        for path in sorted((data / "mr_multicontrast" / folder).glob("*.nii.gz")):
            yield folder.rsplit("_", 1)[0], "head", read(path, modality="T1")
    for path in sorted((data / "tumour" / "pyradiomics").glob("brain?_image.nrrd")):
        yield path.stem.removesuffix("_image"), "head", read(path, modality="T1c")
    for patient in _limbs(data):
        path = data / _SARCOMA / patient / "MR_T1_image.nii.gz"
        if path.is_file():
            yield patient, "limb", read(path, modality="T1")


def _ct_images(data: Path) -> Iterator[tuple[str, str, Image]]:
    chest = data / "ct" / "LIDC-IDRI-0314_chest_3mm.nii.gz"
    if chest.is_file():
        yield "LIDC-IDRI-0314", "chest", read(chest, modality="CT")
    for patient in _limbs(data):
        path = data / _SARCOMA / patient / "CT_image.nii.gz"
        if path.is_file():
            yield patient, "limb CT", read(path, modality="CT")


def _limbs(data: Path) -> Sequence[str]:
    found = sorted(p.name for p in (data / _SARCOMA).glob("STS_*"))
    return [patient for patient in found if patient not in RECIPE.validation]


def _volume(patient: str, kind: str, image: Image, how: Normalization) -> Volume:
    voxels = normalize(image.voxels, how, scale_of(image.voxels, how)).astype(np.float16)
    spacing = image.spacing
    body = image.voxels > -300.0 if how.kind == "linear" else foreground(image.voxels)
    step = POINTS_EVERY
    points = np.argwhere(body[:, ::step, ::step]) * (1, step, step)
    isotropic = max(spacing) <= ISOTROPIC * min(spacing)
    apart = spacing[2] / math.sqrt(spacing[0] * spacing[1])
    return Volume(patient, kind, voxels, how.kind == "percentile", isotropic, apart, points)
