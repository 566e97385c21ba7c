"""DICOM made for tests: right series to start from, and knobs to make them wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "PT": "1.2.840.10008.5.1.4.1.1.128",
    "CT+": "1.2.840.10008.5.1.4.1.1.2.1",
    "MR+": "1.2.840.10008.5.1.4.1.1.4.1",
}
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
NAME = "Doe^Jane"
NUMBER = "PID4711"


def voxels(shape: tuple[int, int, int] = (5, 6, 7), seed: int = 0) -> np.ndarray:
    """Random 12-bit values [k, j, i]."""
    return np.random.default_rng(seed).integers(0, 3000, shape).astype(np.int16)


def oblique(tilt: float = 0.3, turn: float = 0.5) -> tuple[float, ...]:
    """An orientation that is along no axis."""
    c, s, ct, st = np.cos(tilt), np.sin(tilt), np.cos(turn), np.sin(turn)
    row = np.array([ct, st, 0.0])
    column = np.array([-st * c, ct * c, s])
    return (*row, *column)


def base(modality: str = "CT", **attributes: Any) -> FileDataset:
    """A data set with what every image has, before its plane."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CLASSES[modality]
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset(None, Dataset(), file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = CLASSES[modality], meta.MediaStorageSOPInstanceUID
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = NAME, NUMBER, "19700101"
    ds.StudyInstanceUID, ds.Modality = "1.2.3.4", modality.rstrip("+")
    ds.SeriesInstanceUID, ds.FrameOfReferenceUID = "1.2.3.4.5", "1.2.3.4.6"
    ds.SeriesDescription, ds.SeriesNumber = "series", 1
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


def series(
    folder: Path,
    array: np.ndarray | None = None,
    *,
    modality: str = "CT",
    spacing: tuple[float, float, float] = (0.8, 0.9, 2.5),
    origin: Sequence[float] = (-20.0, 10.0, 5.0),
    orientation: Sequence[float] = AXIAL,
    positions: Sequence[float] | None = None,
    shift: Callable[[int], np.ndarray] | None = None,
    change: Callable[[int, FileDataset], None] | None = None,
    **attributes: Any,
) -> list[Path]:
    """Write a classic series, its files named against the order of the slices.

    `positions` are millimeters along the normal; `shift` moves slice k; `change` alters it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    array = voxels() if array is None else array
    normal = np.cross(orientation[:3], orientation[3:])
    places = positions if positions is not None else [k * spacing[2] for k in range(len(array))]
    if modality in ("CT", "PT"):
        attributes = {"RescaleSlope": 1, "RescaleIntercept": -1024, **attributes}
    paths = []
    for k, plane in enumerate(array):
        ds = base(modality, **attributes)
        ds.Rows, ds.Columns = plane.shape
        place = np.asarray(origin) + normal * places[k] + (shift(k) if shift else 0)
        ds.ImagePositionPatient = [float(f"{v:.8f}") for v in place]
        ds.ImageOrientationPatient = [float(f"{v:.12f}") for v in orientation]
        ds.PixelSpacing, ds.SliceThickness = [spacing[1], spacing[0]], spacing[2]
        ds.InstanceNumber = k + 1
        ds.PixelData = plane.astype(np.int16).tobytes()
        if change is not None:
            change(k, ds)
        path = folder / f"{len(array) - k:04d}.dcm"
        ds.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def alter(path: Path, **attributes: Any) -> Path:
    """Set attributes of a file (None removes one)."""
    ds = pydicom.dcmread(path)
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    ds.save_as(path)
    return path


def enhanced(
    path: Path,
    array: np.ndarray | None = None,
    *,
    modality: str = "MR+",
    spacing: tuple[float, float, float] = (0.8, 0.9, 2.5),
    origin: Sequence[float] = (-20.0, 10.0, 5.0),
    orientation: Sequence[float] = AXIAL,
    slopes: Sequence[float] | None = None,
    intercepts: Sequence[float] | None = None,
    order: Sequence[int] | None = None,
    echoes: Sequence[float] = (10.0,),
    **attributes: Any,
) -> Path:
    """Write an enhanced multi-frame object; `order` is the order of the frames in the file."""
    array = voxels() if array is None else array
    normal = np.cross(orientation[:3], orientation[3:])
    ds = base(modality, **attributes)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    ds.InstanceNumber, ds.ContentDate, ds.ContentTime = 1, "20200101", "120000"
    ds.Rows, ds.Columns = array.shape[1:]
    frames = [(k, echo) for echo in echoes for k in (order or range(len(array)))]
    ds.NumberOfFrames = len(frames)
    shared = Dataset()
    measures, plane = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [spacing[1], spacing[0]], spacing[2]
    measures.SpacingBetweenSlices = spacing[2]
    plane.ImageOrientationPatient = [float(f"{v:.12f}") for v in orientation]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [plane]
    ds.SharedFunctionalGroupsSequence = [shared]
    groups = []
    for k, echo in frames:
        group, place, content = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [
            float(f"{v:.8f}") for v in np.asarray(origin) + normal * k * spacing[2]
        ]
        content.DimensionIndexValues = [k + 1]
        content.InStackPositionNumber, content.StackID = k + 1, "1"
        group.PlanePositionSequence, group.FrameContentSequence = [place], [content]
        transform = Dataset()
        transform.RescaleSlope = 1 if slopes is None else slopes[k]
        transform.RescaleIntercept = 0 if intercepts is None else intercepts[k]
        transform.RescaleType = "US"
        group.PixelValueTransformationSequence = [transform]
        if modality == "MR+":
            timing = Dataset()
            timing.EffectiveEchoTime = echo
            group.MREchoSequence = [timing]
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = groups
    organization, index = Dataset(), Dataset()
    organization.DimensionOrganizationUID = generate_uid()
    index.DimensionOrganizationUID = organization.DimensionOrganizationUID
    index.DimensionIndexPointer, index.FunctionalGroupPointer = 0x00209057, 0x00209111
    ds.DimensionOrganizationSequence, ds.DimensionIndexSequence = [organization], [index]
    ds.PixelData = b"".join(array[k].astype(np.int16).tobytes() for k, _ in frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
    return path
