"""An RTDOSE as an image in Gy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from SynthCore.dicom.decode import decode
from SynthCore.dicom.guard import check_size, guarded
from SynthCore.dicom.rt.header import open_object
from SynthCore.errors import InputError
from SynthCore.image import Affine, Image

OFFSET_TOLERANCE_MM = 0.01
UPRIGHT = 1 - 1e-6
"""Least share of z in the normal of planes whose offsets are z."""


@dataclass(frozen=True)
class Dose:
    """A dose distribution.

    Attributes
    ----------
    image : Image
        [k, j, i] in Gy.
    frame_of_reference, patient_id, plan_uid : str
        What it belongs to; the plan it references, empty if none.
    kind : str
        Dose Type: ``PHYSICAL`` or ``EFFECTIVE`` (weighted for protons).
    summation : str
        ``PLAN``, ``FRACTION``, ``BEAM``: what was summed.
    """

    image: Image
    frame_of_reference: str
    patient_id: str
    plan_uid: str
    kind: str
    summation: str


def read_dose(path: Path) -> Dose:
    """Read an RTDOSE.

    Raises
    ------
    InputError
        If it cannot be read, is relative (no Gy), is not a volume, or its planes are uneven.
    """
    found = open_object(path, "RTDOSE")
    with guarded(path.name, "is a damaged dose; export it again"):
        units = str(found.get("DoseUnits", "") or "")
        if units != "GY":
            raise InputError(
                f"{path.name} is a dose in {units or 'no'} units, not in Gy: export it absolute."
            )
        frames = int(found.get("NumberOfFrames", 1) or 1)
        shape = (frames, int(found.Rows), int(found.Columns))
        check_size(shape, path.name)
        if frames < 2:
            raise InputError(f"{path.name} is one plane of dose: export the whole volume.")
        affine = _affine(found, frames, path.name)
        raw = decode(found).astype(np.float64)
        voxels = (raw * float(found.DoseGridScaling)).astype(np.float32)
    if voxels.shape != shape or not np.isfinite(voxels).all() or (voxels < 0).any():
        raise InputError(f"{path.name} holds doses that are none: export it again.")
    plans = found.get("ReferencedRTPlanSequence") or [Dataset()]
    return Dose(
        Image(voxels, affine, unit="Gy"),
        str(found.get("FrameOfReferenceUID", "") or ""),
        str(found.get("PatientID", "") or ""),
        str(plans[0].get("ReferencedSOPInstanceUID", "") or ""),
        str(found.get("DoseType", "") or ""),
        str(found.get("DoseSummationType", "") or ""),
    )


def _affine(found: Dataset, frames: int, name: str) -> Affine:
    row, column = np.array(found.ImageOrientationPatient, dtype=np.float64).reshape(2, 3)
    down, across = (float(v) for v in found.PixelSpacing)
    offsets = np.array([float(v) for v in found.GridFrameOffsetVector])
    if len(offsets) != frames:
        raise InputError(f"{name} has {len(offsets)} plane offsets for {frames} planes of dose.")
    steps = np.diff(offsets)
    if np.ptp(steps) > OFFSET_TOLERANCE_MM or abs(steps[0]) < OFFSET_TOLERANCE_MM:
        raise InputError(f"The planes of the dose {name} are uneven: export it on an even grid.")
    normal = np.cross(row, column)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = row * across, column * down
    affine[:3, 2] = normal * steps.mean()
    origin = np.array(found.ImagePositionPatient, dtype=np.float64)
    # offsets count from the first plane, or, in the standard's second form, are z itself, which is
    # for axial planes alone; whatever way the rows run, z then grows as the numbers do
    if abs(offsets[0]) > OFFSET_TOLERANCE_MM:
        if abs(normal[2]) < UPRIGHT or abs(offsets[0] - origin[2]) > OFFSET_TOLERANCE_MM:
            raise InputError(
                f"The plane offsets of the dose {name} begin with {offsets[0]:g}, which is neither "
                "0 nor the height of its first plane: export it again."
            )
        affine[:3, 2] = (0.0, 0.0, steps.mean())
    affine[:3, 3] = origin
    return affine
