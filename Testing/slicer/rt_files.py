"""RTDOSE and RTPLAN files as a planning system would export them, written without our own code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from SynthCore.image import Image

RT_STRUCT = "1.2.840.10008.5.1.4.1.1.481.3"
RT_DOSE, RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.2", "1.2.840.10008.5.1.4.1.1.481.5"


def write_rt_dose(
    path: Path, image: Image, *, frame: str = "", patient: str = "", plan: str = ""
) -> Path:
    """A dose in Gy [k, j, i] as 32-bit integers with a scaling."""
    made = _object(path, RT_DOSE, "RTDOSE", frame, patient)
    scaling = float(image.voxels.max()) / (2**31)
    made.DoseUnits, made.DoseType, made.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    made.DoseGridScaling = f"{scaling:.9g}"
    made.NumberOfFrames, made.Rows, made.Columns = image.shape
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 32
    made.HighBit, made.PixelRepresentation = 31, 0
    spacing = image.spacing
    made.PixelSpacing = [spacing[1], spacing[0]]
    made.ImagePositionPatient = [round(float(v), 6) for v in image.affine[:3, 3]]
    across = image.affine[:3, :2] / np.array(spacing[:2])
    made.ImageOrientationPatient = [round(float(v), 9) for v in across.T.ravel()]
    made.GridFrameOffsetVector = [round(n * spacing[2], 6) for n in range(image.shape[0])]
    if plan:
        of = Dataset()
        of.ReferencedSOPClassUID, of.ReferencedSOPInstanceUID = RT_PLAN, plan
        made.ReferencedRTPlanSequence = Sequence([of])
    stored = np.round(image.voxels.astype(np.float64) / float(made.DoseGridScaling))
    made.PixelData = np.minimum(stored, 2**32 - 1).astype("<u4").tobytes()
    made.save_as(path, enforce_file_format=True)
    return path


def write_rt_plan(
    path: Path, *, patient: str = "", prescription: float = 60.0, uid: str = ""
) -> str:
    """A plan of two photon beams, from the front and from the left; gives its UID."""
    made = _object(path, RT_PLAN, "RTPLAN", "", patient)
    if uid:
        made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = uid
    made.RTPlanLabel = "two fields"
    made.BeamSequence = Sequence([_beam(n, angle) for n, angle in enumerate((0.0, 90.0), start=1)])
    prescribed = Dataset()
    prescribed.DoseReferenceNumber, prescribed.TargetPrescriptionDose = 1, prescription
    made.DoseReferenceSequence = Sequence([prescribed])
    made.save_as(path, enforce_file_format=True)
    return str(made.SOPInstanceUID)


def write_rt_structures(
    path: Path, structures: dict[str, tuple[str, list[np.ndarray]]], *, frame: str = ""
) -> Path:
    """Structures by name: RT ROI Interpreted Type, and contours as [n, 3] LPS mm."""
    made = _object(path, RT_STRUCT, "RTSTRUCT", frame, "")
    items, observed, drawn = [], [], []
    for number, (name, (kind, contours)) in enumerate(structures.items(), start=1):
        item, seen, lines = Dataset(), Dataset(), Dataset()
        item.ROINumber, item.ROIName = number, name
        item.ReferencedFrameOfReferenceUID = frame
        seen.ObservationNumber, seen.ReferencedROINumber = number, number
        seen.RTROIInterpretedType = kind
        lines.ReferencedROINumber = number
        lines.ContourSequence = Sequence([_contour(points) for points in contours])
        items.append(item)
        observed.append(seen)
        drawn.append(lines)
    made.StructureSetROISequence = Sequence(items)
    made.RTROIObservationsSequence = Sequence(observed)
    made.ROIContourSequence = Sequence(drawn)
    made.save_as(path, enforce_file_format=True)
    return path


def _contour(points: np.ndarray) -> Dataset:
    made = Dataset()
    made.ContourGeometricType, made.NumberOfContourPoints = "CLOSED_PLANAR", len(points)
    made.ContourData = [f"{v:.6f}" for v in points.ravel()]
    return made


def _beam(number: int, gantry: float) -> Dataset:
    beam, point = Dataset(), Dataset()
    beam.BeamNumber, beam.BeamName = number, f"field {number}"
    beam.RadiationType, beam.TreatmentDeliveryType = "PHOTON", "TREATMENT"
    point.ControlPointIndex, point.NominalBeamEnergy = 0, 6.0
    point.GantryAngle, point.PatientSupportAngle = gantry, 0.0
    beam.ControlPointSequence = Sequence([point])
    return beam


def _object(path: Path, kind: str, modality: str, frame: str, patient: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = kind, generate_uid(None)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = kind, meta.MediaStorageSOPInstanceUID
    made.Modality, made.PatientID, made.PatientName = modality, patient, ""
    if frame:
        made.FrameOfReferenceUID = frame
    return made
