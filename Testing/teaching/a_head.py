"""A small head with a lesion, made of numbers: quick to write, read and draw."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom.uid import generate_uid

from SynthCore.dicom.phantom import PhantomStudy, mr_header, write_series
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine

SHAPE = (20, 48, 40)
SPACING = (4.0, 4.0, 6.0)
ORIGIN = (-78.0, -94.0, -57.0)
LESION = (20.0, -30.0, 15.0)
"""LPS millimeters of its center."""

RADIUS_MM = 14.0


def places() -> np.ndarray:
    """LPS millimeters of every voxel, shape (k, j, i, 3)."""
    k, j, i = np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij")
    return np.stack([i, j, k], axis=-1) * SPACING + ORIGIN


def lesion() -> np.ndarray:
    """Where the lesion is."""
    return np.linalg.norm(places() - LESION, axis=-1) <= RADIUS_MM


def head(*, with_lesion: bool, lesion_value: int = 1100) -> Image:
    """The head as an MR image, T1c."""
    at = places() / (62.0, 80.0, 48.0)
    skull = np.linalg.norm(at, axis=-1) <= 1.0
    brain = np.linalg.norm(at, axis=-1) <= 0.85
    voxels = np.where(brain, 500, np.where(skull, 900, 10)).astype(np.int16)
    voxels += (40 * np.sin(places()[..., 0] / 9)).astype(np.int16)
    if with_lesion:
        voxels[lesion()] = lesion_value
    return Image(np.maximum(voxels, 0), make_affine(SPACING, ORIGIN), modality="T1c")


def write_study(folder: Path) -> Path:
    """Write the head as DICOM with and without its lesion, as NIfTI, and the lesion's mask.

    ``T1c`` and ``before`` are marked as synthetic, ``FLAIR.nii.gz`` is not.
    """
    study = PhantomStudy(3, generate_uid(None), generate_uid(None), datetime(2024, 5, 6, 7, 8, 9))
    for number, name in enumerate(("T1c", "before"), 1):
        image = head(with_lesion=name == "T1c")
        write_series(folder / name, image, mr_header("T1c"), study, number)
    other = head(with_lesion=True, lesion_value=1300)
    write_nifti(
        Image(other.voxels, other.affine, modality="FLAIR"), folder / "FLAIR.nii.gz",
        record_json=None,
    )  # fmt: skip
    mask = Image(lesion().astype(np.uint8), other.affine)
    write_nifti(mask, folder / "lesion.nii.gz", record_json=None)
    return folder


CASE = f"""
title = "A man with headache"
author = "Ada Teacher"
category = "Neuroradiology"
keywords = ["ring sign", "necrosis"]
history = "Headache.\\n\\nNo fever."
question = "What is it?"
choices = ["Abscess", "Glioma", "Nothing"]
answer = "Glioma"
discussion = "The ring is thick.\\n\\nIt is a tumor."

[[series]]
role = "T1c"
path = "T1c"
compare = "before"
compare_name = "Before placing"

[[series]]
role = "FLAIR"
path = "FLAIR.nii.gz"

[[series]]
role = "T1c"
name = "T1c sagittal"
path = "T1c"
plane = "sagittal"
windows = ["wide", [600, 1000]]

[[key]]
series = "T1c"
caption = "The enhancing ring"
window = [700, 900]
arrows = [{{ point = {list(LESION)}, label = "Thick ring" }}]

[[key]]
series = "T1c sagittal"
point = {list(LESION)}

[truth]
path = "lesion.nii.gz"
name = "Tumor"
"""
