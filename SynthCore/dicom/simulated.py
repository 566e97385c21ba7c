"""Simulated scans as DICOM: one marked single-frame object a slice, with its record."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from SynthCore import __version__
from SynthCore.dicom import marks
from SynthCore.dicom.file_bytes import file_bytes
from SynthCore.dicom.record_tags import write_record
from SynthCore.image import Image
from SynthCore.request import SynthesisRecord


@dataclass(frozen=True)
class SimulatedStudy:
    """What all series of one simulated examination share.

    Attributes
    ----------
    uid, frame_of_reference : str
        UIDs.
    when : datetime
        Of study, series and content.
    patient_name, patient_id : str
        Invented, and such that nobody takes them for a patient's.
    description, comment, derivation : str
        StudyDescription, ImageComments and DerivationDescription; the first two begin with
        `marks.PREFIX`.
    serial : str
        DeviceSerialNumber.
    """

    uid: str
    frame_of_reference: str
    when: datetime
    patient_name: str
    patient_id: str
    description: str
    serial: str
    comment: str
    derivation: str


def write_simulated(
    folder: Path,
    image: Image,
    header: Dataset,
    study: SimulatedStudy,
    number: int,
    record: SynthesisRecord,
) -> None:
    """Write a simulated scan, one marked single-frame object with its record a slice.

    Parameters
    ----------
    folder : Path
        To be made.
    image : Image
        Whole numbers that fit 16 bits once the header's RescaleIntercept is taken off.
    header : Dataset
        What the scan says of its technique; the rest is filled in here. A SliceThickness of its own
        stays; a DerivationDescription follows the study's.
    study : SimulatedStudy
        What the series shares with the others.
    number : int
        Of the series in the study, from 1.
    record : SynthesisRecord
        How the image was made; series and instances are added to its output.
    """
    folder.mkdir()
    intercept = int(header.get("RescaleIntercept", 0))
    stored = (image.voxels.astype(np.int32) - intercept).astype("<u2")
    series = generate_uid(None)
    _add_shared(header, image, study)
    header.SeriesInstanceUID, header.SeriesNumber = series, number
    header.AcquisitionNumber = 1
    columns = image.affine[:3, :3] / np.asarray(image.spacing)
    header.ImageOrientationPatient = [f"{v:g}" for v in (*columns[:, 0], *columns[:, 1])]
    uids = [generate_uid(None) for _ in stored]
    digests = (hashlib.sha256(pixels.tobytes()).hexdigest() for pixels in stored)
    output = {
        **record.output,
        "series_instance_uid": series,
        "instances": dict(zip(uids, digests, strict=True)),
    }
    write_record(header, replace(record, output=output).to_json())
    for k, pixels in enumerate(stored):
        header.SOPInstanceUID = uids[k]
        header.InstanceNumber = k + 1
        place = image.affine @ (0, 0, k, 1)
        header.ImagePositionPatient = [f"{v:g}" for v in place[:3]]
        header.SliceLocation = f"{place[2]:g}"
        header.PixelData = pixels.tobytes()
        header.file_meta = pydicom.dataset.FileMetaDataset()
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        # whole in memory first: pydicom hides the number of an error it meets while writing
        (folder / f"{k + 1:04d}.dcm").write_bytes(file_bytes(header))


def _add_shared(header: Dataset, image: Image, study: SimulatedStudy) -> None:
    """Patient, study, equipment, pixel description and marks."""
    header.PatientName, header.PatientID = study.patient_name, study.patient_id
    header.PatientBirthDate, header.PatientSex = None, "O"
    header.StudyInstanceUID, header.FrameOfReferenceUID = study.uid, study.frame_of_reference
    header.StudyDate = header.SeriesDate = header.ContentDate = study.when.strftime("%Y%m%d")
    header.StudyTime = header.SeriesTime = header.ContentTime = study.when.strftime("%H%M%S")
    header.AcquisitionDate, header.AcquisitionTime = header.StudyDate, header.StudyTime
    header.StudyDescription = study.description
    header.ReferringPhysicianName, header.AccessionNumber = None, None
    header.StudyID, header.PositionReferenceIndicator = "1", None
    header.PatientPosition, header.BodyPartExamined = "HFS", "HEAD"
    header.Manufacturer, header.ManufacturerModelName = marks.MANUFACTURER, marks.MODEL_NAME
    header.SoftwareVersions, header.DeviceSerialNumber = __version__, study.serial
    si, sj, sk = image.spacing
    header.PixelSpacing = [f"{sj:g}", f"{si:g}"]
    if "SliceThickness" not in header:
        header.SliceThickness = f"{sk:g}"
    header.SpacingBetweenSlices = f"{sk:g}"
    _, header.Rows, header.Columns = image.shape
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit = 16, 16, 15
    header.PixelRepresentation = 0
    header.LossyImageCompression = "00"
    marks.stamp(header)
    header.ImageComments = study.comment
    own = header.get("DerivationDescription")
    header.DerivationDescription = f"{study.derivation}, {own}" if own else study.derivation
    code = ("PHANTOM", marks.SCHEME, "Simulated scan of a digital phantom")
    header.DerivationCodeSequence = [marks.code_item(code)]
    maker = Dataset()
    maker.Manufacturer, maker.ManufacturerModelName = marks.MANUFACTURER, marks.MODEL_NAME
    maker.SoftwareVersions = __version__
    maker.PurposeOfReferenceCodeSequence = [marks.code_item(marks.SYNTHESIZING_EQUIPMENT)]
    header.ContributingEquipmentSequence = [maker]
