"""A NIfTI file (or another volume) against the record in it and beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.dicom.marks import PREFIX
from SynthCore.dicom.verification import FileFindings
from SynthCore.errors import SynthCoreError
from SynthCore.files.block import read_sidecar
from SynthCore.files.nibabel_formats import block_in, load_nifti
from SynthCore.files.read import read
from SynthCore.files.record import read_record
from SynthCore.image import Image, corner_points
from SynthCore.request import SynthesisRecord

FORMS_MM = 0.5
"""That a corner may lie apart by sform and qform, whose numbers have 32 bits."""

NIFTI_SUFFIXES = (".nii.gz", ".nii")
VOLUME_SUFFIXES = (*NIFTI_SUFFIXES, ".nrrd", ".nhdr", ".mha", ".mhd", ".mgz", ".mgh")

_TYPES = ("f4", "f8", "i2", "i4", "u1", "u2", "i8")
"""What voxels may have been before a writer chose a type for the file; the hash includes it."""


def verify_volume(path: Path, name: str) -> tuple[FileFindings, bool]:
    """Compare voxels, geometry and marks with the record; also whether there is any of these."""
    beside = read_sidecar(path)
    is_nifti = path.name.lower().endswith(NIFTI_SUFFIXES)
    try:
        inside = json.loads(read_record(path) or "null") if _may_hold_record(path) else None
        image = read(path)
        block = block_in(path) if is_nifti else None
        described = is_nifti and _description(path).startswith(PREFIX)
    except (SynthCoreError, ValueError, OSError):
        return FileFindings(name, ("The file is not a complete volume.",)), beside is not None
    findings = []
    if is_nifti and not described:
        findings.append(f"The header's description does not begin with {PREFIX}.")
    if beside is None:
        # the header of a NRRD of the Slicer module holds all that stands beside others
        if is_nifti or not inside:
            findings.append("There is no record beside the file.")
    elif beside.get("SyntheticData") != "YES":
        findings.append("SyntheticData beside the file is not YES.")
    if inside and not is_nifti and not image.synthetic:
        findings.append("SyntheticData in the header is not YES.")
    record = inside or (beside or {}).get("Record")
    if inside and beside is not None and beside.get("Record") != inside:
        findings.append("The record beside the file differs from the one in it.")
    findings += _against_record(image, record, states_role=is_nifti)
    # the rest of what is said, where nothing more telling was found
    if not findings and block is not None and beside is not None and dict(block) != dict(beside):
        findings.append("What is said beside the file differs from what is said in it.")
    if is_nifti and not _is_one_grid(path):
        findings.append("The header states two places: sform, qform and voxel size do not agree.")
    return FileFindings(name, tuple(findings)), bool(record or described or image.synthetic)


def _may_hold_record(path: Path) -> bool:
    return path.name.lower().endswith((*NIFTI_SUFFIXES, ".nrrd", ".nhdr"))


def _against_record(
    image: Image, record: Mapping[str, Any] | None, *, states_role: bool
) -> list[str]:
    if not record:
        return ["There is no record of how the image was made."]
    try:
        output = SynthesisRecord.from_json(json.dumps(record)).output
        expected = output.get("sha256")
    except (ValueError, AttributeError):
        return ["The record cannot be read."]
    if not expected:
        return ["The record holds no hash of the voxels."]
    if expected not in _hashes(image):
        return ["Voxels or geometry were changed: they do not match the record."]
    return [
        f"The file says that its {what} is {own or 'none'}, the record says {stated}."
        for what, own, stated in (
            ("role", image.modality, output.get("modality")),
            ("unit", image.unit, output.get("unit")),
        )
        if states_role and stated and own != stated
    ]


def _hashes(image: Image) -> set[str]:
    """The hash of the image, for every type that holds its voxels exactly."""
    hashes = {image.sha256()}
    for name in _TYPES:
        if np.can_cast(image.voxels.dtype, name) or _is_exact(image, name):
            hashes.add(image.with_voxels(image.voxels.astype(name)).sha256())
    return hashes


def _is_exact(image: Image, name: str) -> bool:
    with np.errstate(invalid="ignore"):
        return bool(np.array_equal(image.voxels.astype(name).astype(np.float64), image.voxels))


def _is_one_grid(path: Path) -> bool:
    """Whether programs that read the sform, the qform or the voxel size see the same grid."""
    image = load_nifti(path, voxels=False)
    sizes = np.linalg.norm(image.affine[:3, :3], axis=0)
    if not np.allclose(image.header.get_zooms()[:3], sizes, rtol=1e-3):
        return False
    if not int(image.header["qform_code"]):
        return True
    i, j, k = (*image.shape, 1, 1, 1)[:3]
    apart = corner_points((k, j, i), image.get_qform()) - corner_points((k, j, i), image.affine)
    return bool(np.linalg.norm(apart, axis=1).max() <= FORMS_MM)


def _description(path: Path) -> str:
    return bytes(load_nifti(path, voxels=False).header["descrip"]).decode("ascii", errors="ignore")
