"""Which real images lesions are placed in and removed from."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from SynthCore.axes import toward_lps
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.lesions.organs import liver_from

_MS = "mr_multicontrast/open_ms_cross_patient"
_TUMOR = "tumour/TCGA-FG-6692_brats"
_HEADS = "tumour/pyradiomics"
_FOUR = ("T1", "T1c", "T2", "FLAIR")


@dataclass(frozen=True)
class PlaceCase:
    """Images of one patient, and the kinds placed there with their range of volumes in ml.

    `at` is a point in the liver (LPS mm), where that is the organ.
    """

    name: str
    files: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, float, float], ...]
    at: tuple[float, float, float] | None = None

    @property
    def needs(self) -> str:
        """The first file."""
        return self.files[0][1]


@dataclass(frozen=True)
class RemoveCase:
    """Images of one patient and the mask of a lesion they show."""

    name: str
    files: tuple[tuple[str, str], ...]
    mask: str


PLACED_IN = (
    PlaceCase(
        "patient26",
        tuple((role, f"{_MS}26/{role}.nii.gz") for role in _FOUR),
        (("glioma", 4.0, 40.0), ("metastasis", 0.2, 6.0), ("ms-plaques", 0.3, 6.0),
         ("infarct", 3.0, 60.0), ("hemorrhage", 1.0, 30.0)),
    ),
    PlaceCase(
        "LIDC-0314",
        (("CT", "ct/LIDC-IDRI-0314_chest_3mm.nii.gz"),),
        (("lung-nodule-solid", 0.1, 6.0), ("lung-nodule-part-solid", 0.3, 6.0)),
    ),
    PlaceCase(
        "CRLM-1004",
        (("CT", "dicom/CRLM-CT-1004_CT_abdomen.zip"),),
        (("liver-hypovascular", 0.5, 25.0), ("liver-hypervascular", 0.5, 25.0)),
        (-90.0, -5.0, -265.0),
    ),
)  # fmt: skip

REMOVED_FROM = (
    *(
        RemoveCase(
            f"patient{n}",
            tuple((role, f"{_MS}{n}/{role}.nii.gz") for role in _FOUR),
            f"{_MS}{n}/lesion_mask.nii.gz",
        )
        for n in ("07", "26")
    ),
    RemoveCase(
        "TCGA-FG-6692",
        tuple((role, f"{_TUMOR}/{role.lower()}.nii.gz") for role in _FOUR),
        f"{_TUMOR}/seg_fused_simple.nii.gz",
    ),
    *(
        RemoveCase(
            f"pyradiomics{n}",
            (("T1c", f"{_HEADS}/brain{n}_image.nrrd"),),
            f"{_HEADS}/brain{n}_label.nrrd",
        )
        for n in (1, 2)
    ),
)


def read_roles(data: Path, files: tuple[tuple[str, str], ...]) -> dict[str, Image]:
    """Images by role with axes toward left, posterior and superior; a zip holds one series."""
    return {role: toward_lps(_read(data / path, role))[0] for role, path in files}


def read_organ(data: Path, case: PlaceCase, images: Mapping[str, Image]) -> Image | None:
    """The mask of the liver from the case's point, None where there is no such point."""
    if case.at is None:
        return None
    image = next(iter(images.values()))
    return image.with_voxels(liver_from(image, case.at), modality="", unit="1")


def _read(path: Path, role: str) -> Image:
    if path.suffix != ".zip":
        return read(path, modality=role)
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        return read(folder, modality=role)
