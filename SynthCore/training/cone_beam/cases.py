"""Validation: simulated scans of patients (and generated heads) that are not trained on."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.files.read import read
from SynthCore.image import Image, make_affine
from SynthCore.physics.cone_beam.scan import ConeBeam, Motion
from SynthCore.physics.cone_beam.scatter import Scatter
from SynthCore.physics.cone_beam.simulate import apply_cone_beam
from SynthCore.quality.masks import body_mask_ct
from SynthCore.training.cone_beam.heads import head, label_maps
from SynthCore.training.cone_beam.recipe import HEADS_LEFT_OUT
from SynthCore.training.cone_beam.volumes import CT_FILE, Source, at_pixel, limb, prepare
from SynthCore.training.pairs import FOLDER

_SEED = 2024
SLICES = 12
"""Of each case, from its middle."""

SARCOMA = ("STS_002", "STS_010", "STS_023", "STS_031", "STS_050")
CRLM = "CRLM-CT-1004"
ABDOMEN = Path("dicom") / "CRLM-CT-1004_CT_abdomen.zip"

_WIDE = ConeBeam(
    views=330, field_mm=470.0, counts=1500.0, electronic=6.0, seed=11, bowtie_mm=160.0,
    hardness=0.8, scatter=Scatter(0.9, 1.2, 60.0, corrected=0.6, guess_mm=60.0), blur_mm=0.3,
    cutoff_per_mm=0.7, extension_mm=40.0, calibrated_mm=220.0, extent_mm=400.0,
)  # fmt: skip
_CENTERED = replace(
    _WIDE, views=300, field_mm=250.0, counts=1200.0, seed=12, bowtie_mm=120.0, hardness=0.4,
    calibrated_mm=180.0,
)  # fmt: skip

SCANS: dict[str, ConeBeam] = {
    "wide": _WIDE,
    "few views": replace(_WIDE, views=140, counts=700.0, seed=13),
    "uncorrected scatter": replace(_WIDE, scatter=replace(_WIDE.scatter, corrected=0.0), seed=14),
    "small field": replace(_CENTERED, seed=15),
    "limb": replace(_CENTERED, seed=16, scatter=replace(_WIDE.scatter, ratio=1.2)),
    "head": replace(
        _CENTERED, seed=17, motion=Motion(jump_mm=1.0, jump_at=0.6),
        scatter=replace(_WIDE.scatter, ratio=1.0),
    ),
}  # fmt: skip
"""Scans that the cases are simulated with, written down so that figures can be made again."""


@dataclass(frozen=True)
class Held:
    """One validation case.

    Attributes
    ----------
    patient, scan : str
        Who, and a key of `SCANS`.
    cbct : Image
        Simulated from the quiet CT, so that it carries none of the reference's noise.
    ct : Image
        The CT as it is, noise and all, on the grid of `cbct`.
    mask : Image
        The body within the field of view, bool.
    """

    patient: str
    scan: str
    cbct: Image
    ct: Image
    mask: Image


ABDOMEN_SCANS = ("wide", "few views", "uncorrected scatter", "small field")


def held_names(data: Path) -> list[tuple[str, str]]:
    """Patient and scan of every case whose data are there; generated heads come last."""
    found = [(CRLM, scan) for scan in ABDOMEN_SCANS if (data / ABDOMEN).is_file()]
    found += [(p, "limb") for p in SARCOMA if (data / FOLDER / p / CT_FILE).is_file()]
    return found + [(name, "head") for name in HEADS_LEFT_OUT if name in label_maps(data)]


def held_cases(data: Path, slices: int = SLICES) -> Iterator[Held]:
    """Every case, one at a time: so many slices from its middle."""
    for patient, scan in held_names(data):
        yield make_held(data, patient, scan, slices)


def make_held(data: Path, patient: str, scan: str, slices: int = SLICES) -> Held:
    """One case of `held_names`."""
    if scan == "head":
        source = head(data, patient, _SEED, slices)
        return _held(source, source.hu, scan)
    return _held(*_prepared(data, patient, slices), scan)


@lru_cache(maxsize=1)
def _prepared(data: Path, patient: str, slices: int) -> tuple[Source, npt.NDArray[np.float32]]:
    """Kept for the next scan of the same patient."""
    kind = "abdomen" if patient == CRLM else "limb"
    image = _middle(_abdomen(data) if patient == CRLM else limb(data, patient), slices)
    return prepare(patient, kind, image), _as_is(image)


@lru_cache(maxsize=1)
def _abdomen(data: Path) -> Image:
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(data / ABDOMEN) as archive:
            archive.extractall(folder)
        image = read(folder, modality="CT")
        return Image(np.array(image.voxels), image.affine, "CT", "HU")


def _middle(image: Image, slices: int) -> Image:
    first = max(0, (image.shape[0] - slices) // 2)
    voxels = np.ascontiguousarray(image.voxels[first : first + slices])
    return Image(voxels, make_affine(image.spacing), "CT", "HU")


def _as_is(image: Image) -> npt.NDArray[np.float32]:
    i, j, _ = image.spacing
    return at_pixel(image.voxels.astype(np.float32), (j, i))


def _held(source: Source, ct: npt.NDArray[np.float32], scan: str) -> Held:
    """A source scanned."""
    made = apply_cone_beam(SCANS[scan], torch.from_numpy(source.hu), source.spacing)
    k, j, i = source.spacing
    affine = make_affine((i, j, k))
    reference = Image(ct, affine, "CT", "HU")
    body = body_mask_ct(reference.voxels, reference.spacing)
    return Held(
        source.patient,
        scan,
        Image(made.hu.numpy(), affine, "CBCT", "HU"),
        reference,
        reference.with_voxels(body & made.seen.numpy()),
    )
