"""Simulated scans of the digital phantom as DICOM: classic objects, marked, with their record."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, MRImageStorage

from SynthCore import __version__
from SynthCore.dicom import marks
from SynthCore.dicom.simulated import SimulatedStudy, write_simulated
from SynthCore.image import Image, summary
from SynthCore.physics.mr_scan import SEQUENCES
from SynthCore.request import SynthesisRecord
from SynthCore.tasks import PHANTOM_TASK

_FULL_EXPOSURE_MAS = 280


@dataclass(frozen=True)
class PhantomStudy:
    """What all series of a phantom share: seed, UIDs of study and frame of reference, time."""

    seed: int
    uid: str
    frame_of_reference: str
    when: datetime


def phantom_record(study: PhantomStudy, image: Image, role: str) -> SynthesisRecord:
    """How a scan of the phantom, or a map of its truth, was made; a record as a model's results.

    Parameters
    ----------
    study : PhantomStudy
    image : Image
        The scan or map.
    role : str
        Empty where it has none.
    """
    return SynthesisRecord(
        task=PHANTOM_TASK,
        target=role,
        model="digital-head-phantom",
        model_version=__version__,
        weights_sha256="",
        inputs={},
        mask=None,
        options={"seed": study.seed},
        device="cpu",
        backend="numpy",
        software={
            marks.MODEL_NAME: __version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        checks=(),
        warnings=(),
        output=summary(image),
        created=study.when.isoformat(timespec="seconds"),
    )


def mr_header(role: str) -> Dataset:
    """What a simulated MR scan says of its sequence; `role` is one of `SEQUENCES`."""
    sequence = SEQUENCES[role]
    header = Dataset()
    header.SOPClassUID, header.Modality = MRImageStorage, "MR"
    header.ImageType = list(marks.MR_IMAGE_TYPE)
    rapid = sequence.kind == "mprage"
    name = {"T1": "T1 MPRAGE", "T1c": "T1 MPRAGE +C", "T2": "T2 TSE", "PD": "PD TSE"}.get(
        role, role
    )
    header.SeriesDescription = header.ProtocolName = f"{marks.PREFIX} phantom {name}"
    if sequence.agent:
        header.ContrastBolusAgent = "Gadobutrol (simulated)"
    header.ScanningSequence = ["GR", "IR"] if rapid else ["SE", "IR"] if sequence.ti else "SE"
    header.SequenceVariant = ["SP", "MP"] if rapid else "SK"
    header.ScanOptions = None
    header.MRAcquisitionType = "3D" if rapid else "2D"
    header.RepetitionTime, header.EchoTime = f"{sequence.tr:g}", f"{sequence.te:g}"
    if sequence.ti:
        header.InversionTime = f"{sequence.ti:g}"
    header.EchoTrainLength = 1 if rapid else {"PD": 5}.get(role, 15)
    header.FlipAngle = f"{sequence.flip:g}"
    header.MagneticFieldStrength, header.ImagingFrequency = "1.5", "63.87"
    header.NumberOfAverages = "1"
    top = {"T1": 1500, "T1c": 1700, "T2": 1500, "FLAIR": 1100, "PD": 1300}[role]
    header.WindowCenter, header.WindowWidth = str(top // 2), str(top)
    return header


def ct_header(name: str, dose: float) -> Dataset:
    """What a simulated CT scan says of its technique; `dose` is a fraction of the full one."""
    header = Dataset()
    header.SOPClassUID, header.Modality = CTImageStorage, "CT"
    header.ImageType = list(marks.CT_IMAGE_TYPE)
    header.SeriesDescription = header.ProtocolName = f"{marks.PREFIX} phantom {name}"
    header.ScanOptions = None
    header.KVP, header.ConvolutionKernel = "120", "STANDARD"
    header.Exposure = round(_FULL_EXPOSURE_MAS * dose)
    header.ExposureTime, header.XRayTubeCurrent = 1000, round(_FULL_EXPOSURE_MAS * dose)
    header.GantryDetectorTilt = "0"
    header.RescaleIntercept, header.RescaleSlope, header.RescaleType = "-1024", "1", "HU"
    header.WindowCenter, header.WindowWidth = "40", "100"
    return header


def write_series(
    folder: Path, image: Image, header: Dataset, study: PhantomStudy, number: int
) -> None:
    """Write a scan of the phantom; see `SynthCore.dicom.simulated.write_simulated`.

    Parameters
    ----------
    folder : Path
        To be made.
    image : Image
        Whole numbers that fit 16 bits once the header's RescaleIntercept is taken off.
    header : Dataset
        From `mr_header` or `ct_header`; the rest is filled in here.
    study : PhantomStudy
        What the series shares with the others.
    number : int
        Of the series in the study, from 1.
    """
    record = phantom_record(study, image, image.modality)
    write_simulated(folder, image, header, _simulated(study), number, record)


def _simulated(study: PhantomStudy) -> SimulatedStudy:
    return SimulatedStudy(
        uid=study.uid,
        frame_of_reference=study.frame_of_reference,
        when=study.when,
        patient_name="Phantom^Digital",
        patient_id=f"PHANTOM-{study.seed}",
        description=f"{marks.PREFIX} digital head phantom",
        serial=f"phantom-{study.seed}",
        comment=f"{marks.PREFIX}: digital phantom, no patient; not for clinical use",
        derivation=f"Digital head phantom, seed {study.seed}, simulated scan",
    )
