"""What a series must be, by its headers alone, before a pixel of it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from SynthCore.dicom.acquisition import kind_of
from SynthCore.dicom.frames import Frame
from SynthCore.dicom.guard import check_size
from SynthCore.dicom.headers import Header, code, integer, text, texts
from SynthCore.dicom.scan import Instance
from SynthCore.errors import InputError

ORIENTATION_TOLERANCE = 1e-3
"""Largest difference of a direction cosine within a series: 0.06 degrees, a quarter of a
millimeter at the edge of a head."""


def patient_key(header: Header) -> str:
    """What tells patients apart: PatientID, or the name where there is no id. Never shown."""
    return text(header, "PatientID") or text(header, "PatientName")


def patients(headers: Iterable[Header]) -> int:
    """How many patients the headers name (headers without id and name are not counted)."""
    return len({key for key in map(patient_key, headers) if key})


def check_objects(instances: tuple[Instance, ...], where: str) -> None:
    """Refuse what is no image of one patient in one space: see the errors.

    Raises
    ------
    InputError
        No pixels, color, no CT, MR or PET object, a mosaic, two patients, two frames of
        reference, images of different sizes, or absurd sizes.
    """
    for instance in instances:
        _check_object(instance)
    headers = [instance.header for instance in instances]
    if patients(headers) > 1:
        raise InputError(
            f"The series in {where} holds images of more than one patient; "
            "sort the files by patient and give one of them."
        )
    references = {text(header, "FrameOfReferenceUID") for header in headers} - {""}
    if len(references) > 1:
        raise InputError(
            f"The series in {where} has {len(references)} frames of reference, so its slices share "
            "no common space; split it by FrameOfReferenceUID."
        )
    sizes = Counter((integer(h, "Rows"), integer(h, "Columns")) for h in headers)
    if len(sizes) > 1:
        named = ", ".join(f"{n} of {rows} x {columns}" for (rows, columns), n in sizes.items())
        raise InputError(
            f"The series in {where} holds images of different sizes ({named}); "
            "give the images of one size."
        )
    rows, columns = next(iter(sizes))
    total = sum(max(1, integer(header, "NumberOfFrames", 1)) for header in headers)
    check_size((total, rows, columns), where)


def _check_object(instance: Instance) -> None:
    header, name = instance.header, instance.path.name
    kind, modality = kind_of(header), code(header, "Modality") or "unknown"
    if integer(header, "Rows") < 1 or integer(header, "Columns") < 1:
        if kind:
            raise InputError(f"{name} has no pixel data; it is cut short, copy it again.")
        raise InputError(
            f"{name} is no image (modality {modality}); give a series of CT, MR or PET images."
        )
    missing = next((keyword for keyword in _needed(header) if not text(header, keyword)), "")
    if missing:
        raise InputError(
            f"{name} lacks {missing}, without which its pixels cannot be read; export the original "
            "series again."
        )
    gray = text(header, "PhotometricInterpretation").startswith("MONOCHROME")
    if integer(header, "SamplesPerPixel") != 1 or not gray:
        photometric = code(header, "PhotometricInterpretation") or "of unknown kind"
        raise InputError(
            f"{name} is a color image ({photometric}); give the original grayscale series."
        )
    if not kind:
        raise InputError(
            f"{name} is not an acquired image (modality {modality}); "
            "give a series of CT, MR or PET images."
        )
    if "MOSAIC" in texts(header, "ImageType"):
        raise InputError(
            f"{name} is a mosaic: it shows the slices of a volume side by side in one picture; "
            "export the series as enhanced multi-frame, or convert it with dcm2niix."
        )
    if kind == "XR" and integer(header, "NumberOfFrames", 1) > 1:
        raise InputError(f"{name} is an X-ray run over time; give a single image.")


def _needed(header: Header) -> tuple[str, ...]:
    """What tells how pixels are stored; those that are whole numbers have a sign or none."""
    always = ("SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated")
    return (*always, "PixelRepresentation") if text(header, "BitsStored") else always


def check_planes(frames: tuple[Frame, ...], where: str) -> None:
    """Refuse slices of several orientations or pixel spacings.

    Raises
    ------
    InputError
        With the number of orientations, or the spacings.
    """
    orientations: list[Frame] = []
    for frame in frames:
        if not any(_parallel(frame, known) for known in orientations):
            orientations.append(frame)
        if len(orientations) > 20:
            break
    if len(orientations) > 1:
        count = f"{len(orientations)}" if len(orientations) <= 20 else "more than 20"
        raise InputError(
            f"The series in {where} holds slices of {count} orientations, as a localizer or "
            "a radial scan does; give a series of parallel slices."
        )
    spacings = np.array([frame.pixel_spacing for frame in frames])
    if np.ptp(spacings, axis=0).max() > 1e-3 * spacings.min():
        low, high = spacings.min(), spacings.max()
        raise InputError(
            f"The series in {where} holds images of different pixel spacing ({low:g} to {high:g} "
            "mm); give the images of one spacing."
        )


def _parallel(one: Frame, other: Frame) -> bool:
    apart = max(np.abs(one.row - other.row).max(), np.abs(one.column - other.column).max())
    return bool(apart <= ORIENTATION_TOLERANCE)
