"""Synthesis results to write: images with and without a DICOM source, and their records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import EnhancedMRImageStorage, MRImageStorage, generate_uid

from SynthCore.image import Affine, Image, Source, make_affine, summary
from SynthCore.request import SynthesisRecord, SynthesisResult

SHAPE = (5, 6, 7)
NAME = "Muster^Änne"


def numbers(shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """Voxels that are all different, from -900 HU."""
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape) - 900


def result_of(
    image: Image, *, task: str = "mr-to-ct", inputs: dict[str, Image] | None = None
) -> SynthesisResult:
    """A result as the engine returns it; `image` has the target's role."""
    inputs = {"T1": image} if inputs is None else inputs
    record = SynthesisRecord(
        task=task,
        target=image.modality,
        model="a-model",
        model_version="1.2.0",
        weights_sha256="ab" * 32,
        inputs={role: summary(given) for role, given in inputs.items()},
        mask=None,
        options={"seed": 7},
        device="cpu",
        backend="openvino",
        software={"SynthCore": "0.1.0"},
        checks=(),
        warnings=("A warning.",),
        output=summary(image),
        created="2025-01-01T00:00:00+00:00",
    )
    return SynthesisResult(image, record, warnings=record.warnings)


def an_image(
    voxels: np.ndarray | None = None, affine: Affine | None = None, role: str = "CT"
) -> Image:
    """An image from nowhere, as one read from NIfTI."""
    voxels = numbers() if voxels is None else voxels
    affine = make_affine((0.9, 1.1, 3.0), (-20.0, 10.0, 5.0)) if affine is None else affine
    return Image(voxels, affine, role, "HU" if role == "CT" else "1", Source("nifti"))


def headers(shape: tuple[int, int, int] = SHAPE, affine: Affine | None = None) -> list[Dataset]:
    """MR headers in the order of k, with a patient whose name is not ASCII."""
    affine = make_affine((0.9, 1.1, 3.0), (-20.0, 10.0, 5.0)) if affine is None else affine
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    direction = affine[:3, :3] / spacing
    common = patient_header()
    made = []
    for k in range(shape[0]):
        header = Dataset()
        header.update(common)
        header.SOPInstanceUID = generate_uid()
        header.InstanceNumber = str(k + 10)
        header.Rows, header.Columns = shape[1:]
        header.ImagePositionPatient = [f"{v:.6f}" for v in (affine @ (0, 0, k, 1))[:3]]
        header.ImageOrientationPatient = [f"{v:.8f}" for v in (*direction[:, 0], *direction[:, 1])]
        header.PixelSpacing = [f"{spacing[1]:.6f}", f"{spacing[0]:.6f}"]
        header.SliceThickness = "2.5"
        made.append(header)
    return made


def patient_header() -> Dataset:
    """What all headers of one MR series share."""
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 100"
    header.SOPClassUID = MRImageStorage
    header.Modality = "MR"
    header.PatientName = NAME
    header.PatientID = "PID4711"  # letters: bare digits stand in many a UID
    header.PatientBirthDate = "19700101"
    header.PatientSex = "F"
    header.StudyInstanceUID = generate_uid()
    header.SeriesInstanceUID = generate_uid()
    header.FrameOfReferenceUID = generate_uid()
    header.StudyDate, header.StudyTime = "20240102", "030405.6"
    header.StudyID, header.AccessionNumber = "S1", "A1"
    header.SeriesNumber = "4"
    header.BodyPartExamined = "HEAD"
    header.PatientPosition = "HFS"
    header.Manufacturer, header.ManufacturerModelName = "ACME", "Magnet"
    header.DeviceSerialNumber, header.SoftwareVersions = "123", "v9"
    header.InstitutionName = "A Hospital"
    return header


def enhanced_header(shape: tuple[int, int, int] = SHAPE) -> Dataset:
    """One enhanced MR header whose frames are stored from the last slice to the first."""
    classic = headers(shape)
    header = patient_header()
    header.SOPClassUID = EnhancedMRImageStorage
    header.SOPInstanceUID = generate_uid()
    header.Rows, header.Columns = shape[1:]
    header.NumberOfFrames = str(shape[0])
    shared, frames = Dataset(), []
    measures, orientation = Dataset(), Dataset()
    measures.PixelSpacing = classic[0].PixelSpacing
    measures.SliceThickness = classic[0].SliceThickness
    orientation.ImageOrientationPatient = classic[0].ImageOrientationPatient
    shared.PixelMeasuresSequence = [measures]
    shared.PlaneOrientationSequence = [orientation]
    for one in reversed(classic):
        frame, position = Dataset(), Dataset()
        position.ImagePositionPatient = one.ImagePositionPatient
        frame.PlanePositionSequence = [position]
        frames.append(frame)
    header.SharedFunctionalGroupsSequence = [shared]
    header.PerFrameFunctionalGroupsSequence = frames
    return header


def from_headers(source_headers: list[Dataset], role: str = "CT", **changes: Any) -> Image:
    """An image on the grid of `headers`, as one read from DICOM."""
    image = an_image(role=role)
    source = Source(
        "dicom",
        series_uid=source_headers[0].SeriesInstanceUID,
        instance_uids=tuple(h.SOPInstanceUID for h in source_headers),
        headers=tuple(source_headers),
    )
    return image.with_voxels(image.voxels, source=source, **changes)


def put_bytes(header: Dataset, keyword: str, value: bytes) -> None:
    """The element as it would come from a file, whatever its bytes."""
    tag = Tag(tag_for_keyword(keyword))
    header[tag] = RawDataElement(tag, dictionary_VR(tag), len(value), value, 0, False, True)


def read_all(folder: Path) -> list[Dataset]:
    """The objects of a folder in the order of their names."""
    return [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
