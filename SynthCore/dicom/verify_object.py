"""One DICOM file: is it marked, does it match its record and its digest?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from SynthCore.dicom.companions import is_companion, missing_companion_marks
from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.deidentified import is_deidentified, methods_of
from SynthCore.dicom.digest import file_digest
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.headers import is_synthetic, item, text
from SynthCore.dicom.marks import missing_marks
from SynthCore.dicom.record_tags import read_digest, read_record_json
from SynthCore.dicom.scan import looks_like_dicom
from SynthCore.dicom.texts import value_text
from SynthCore.image import Affine
from SynthCore.request import SynthesisRecord

SAME_IN_SERIES = (
    *("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "PatientID", "PatientName"),
    *("PatientBirthDate", "PatientSex", "StudyDate", "StudyID", "AccessionNumber", "SOPClassUID"),
    *("Modality", "SeriesNumber", "SeriesDescription", "Rows", "Columns", "PixelSpacing"),
    *("RescaleSlope", "RescaleIntercept", "SliceThickness", "SpacingBetweenSlices"),
    *("PatientPosition", "ImageType", "PatientIdentityRemoved"),
)
"""Attributes that one series has one value of."""


_META_ELEMENTS = frozenset(
    0x0002_0000 + element
    for element in (
        *(0x00, 0x01, 0x02, 0x03, 0x10, 0x12, 0x13, 0x16, 0x17, 0x18, 0x26, 0x27, 0x28),
        *(0x31, 0x32, 0x33, 0x35, 0x36, 0x37, 0x38),
    )
)
"""Of the file's meta information: what it is and who wrote, sent and received it (PS3.10, 7.1),
which archives write anew. All that is missing here is private or unknown."""

_PADDING = 0xFFFC_FFFC

_NO_HEADER = (
    "The file header (preamble and meta information) is missing, so the tags cannot be checked; "
    "verify the file as it was written."
)


@dataclass(frozen=True)
class ObjectFacts:
    """What the comparison of files needs to know of one, and what was found in it alone.

    A companion is a segmentation, map or report: it stands beside a series and is no part of it.

    Attributes
    ----------
    name : str
        Of the file, inside the folder.
    findings : tuple of str
        What is wrong with it.
    synthetic, sealed, companion : bool
        Whether it is marked or recorded as synthetic; whether it holds a digest; see above.
    uid, instance_number, record_json : str
        Empty where there is none.
    same : tuple of str
        Values of `SAME_IN_SERIES`.
    position, orientation : ndarray or None
        Three and six numbers.
    deidentified : tuple of str or None
        Codes of the methods (`SynthCore.dicom.deidentified.METHODS`); None where the file does
        not say that it was de-identified.
    title : str
        Code of a document's title, empty for any other object.
    refers : tuple of str
        SOP instance UIDs that a document refers to.
    marks : tuple of str
        SOP instance UIDs of the images that a segmentation lies on.
    """

    name: str
    findings: tuple[str, ...]
    synthetic: bool = False
    uid: str = ""
    instance_number: str = ""
    same: tuple[str, ...] = ()
    position: Affine | None = None
    orientation: Affine | None = None
    record_json: str = ""
    companion: bool = False
    sealed: bool = False
    deidentified: tuple[str, ...] | None = None
    title: str = ""
    refers: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@quiet()
def examine(path: Path, name: str) -> ObjectFacts:
    """Read one file and look at everything that concerns it alone."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return ObjectFacts(name, (f"The file cannot be read ({error.strerror}).",))
    headed = data[128:132] == b"DICM" or not looks_like_dicom(path)
    try:
        digest = file_digest(data) if headed else None
        return _facts(name, read_file(BytesIO(data), force=not headed), digest)
    except Exception:  # a damaged file makes pydicom raise many kinds
        return ObjectFacts(name, ("The file is not a complete DICOM object.",))


@quiet()
def pixels_sha256(path: Path) -> str:
    """Of the pixel data alone: the same for other UIDs and times; empty for a damaged file."""
    try:
        header = read_file(BytesIO(path.read_bytes()), force=False)
        return hashlib.sha256(header.PixelData).hexdigest()
    except Exception:  # a damaged file makes pydicom raise many kinds
        return ""


def _facts(name: str, header: Dataset, digest: str | None) -> ObjectFacts:
    """What is said of a data set; `digest` is None where nothing stands in front of it."""
    companion = is_companion(header)
    findings = [_NO_HEADER] if digest is None else []
    findings += (missing_companion_marks if companion else missing_marks)(header)
    uid = value_text(header.get("SOPInstanceUID"))
    for keyword in ("SOPClassUID", "SOPInstanceUID") if digest is not None else ():
        stated = value_text(header.file_meta.get(f"MediaStorage{keyword}"))
        if stated != value_text(header.get(keyword)):
            findings.append(f"The file's meta information states another {keyword}.")
    findings += _outside(header)
    record_json = read_record_json(header)
    if not companion:
        findings += _against_record(header, uid, record_json)
    if not read_digest(header):
        findings.append("There is no digest (private creator SYNTHCORE) to check the tags by.")
    elif digest == "":
        findings.append(
            "The file was compressed or encoded anew; it can only be checked as it was written."
        )
    elif digest is not None and digest != read_digest(header):
        findings.append("A tag or the pixels were changed: the data set does not match its digest.")
    return ObjectFacts(
        name,
        tuple(findings),
        synthetic=is_synthetic(header) or bool(record_json),
        uid=uid,
        instance_number=value_text(header.get("InstanceNumber")),
        same=tuple(value_text(header.get(keyword)) for keyword in SAME_IN_SERIES),
        position=_numbers(header, "ImagePositionPatient", 3),
        orientation=_numbers(header, "ImageOrientationPatient", 6),
        record_json=record_json,
        companion=companion,
        sealed=bool(read_digest(header)),
        deidentified=methods_of(header) if is_deidentified(header) else None,
        title=text(item(header, "ConceptNameCodeSequence") or Dataset(), "CodeValue"),
        refers=_refers(header) if companion else (),
        marks=_named(header) if companion and "SegmentSequence" in header else (),
    )


def _outside(header: Dataset) -> list[str]:
    """What was written where a file has room beside its data set, which no digest reaches."""
    places = {
        "preamble": bytes(getattr(header, "preamble", None) or b""),
        "padding": bytes(header[_PADDING].value or b"") if _PADDING in header else b"",
        "meta information": b"".join(
            b"." for tag in header.file_meta if int(tag.tag) not in _META_ELEMENTS
        ),
    }
    return [
        f"Something was written into the file's {place}, where nothing was."
        for place, content in places.items()
        if content.strip(b"\0")
    ]


def _refers(header: Dataset) -> tuple[str, ...]:
    """What a document refers to; a presentation or segmentation has no document's title."""
    if "ConceptNameCodeSequence" not in header:
        return ()
    return _named(header)


def _named(header: Dataset) -> tuple[str, ...]:
    return tuple(
        value_text(element.value)
        for element in header.iterall()
        if element.keyword == "ReferencedSOPInstanceUID"
    )


def _against_record(header: Dataset, uid: str, record_json: str) -> list[str]:
    if not record_json:
        return ["There is no record (private creator SYNTHCORE) of how the image was made."]
    try:
        instances = SynthesisRecord.from_json(record_json).output.get("instances")
    except (ValueError, AttributeError):
        instances = None
    if not isinstance(instances, dict):
        return ["The record cannot be read or lists no instances."]
    if uid not in instances:
        return ["The record does not list this object: it was added, or its UID was changed."]
    pixels = header.get("PixelData")
    if pixels is None:
        return ["There are no pixels."]
    if hashlib.sha256(bytes(pixels)).hexdigest() != instances[uid]:
        return ["The pixels were changed: they do not match the record."]
    return []


def _numbers(header: Dataset, keyword: str, count: int) -> Affine | None:
    value = header.get(keyword)
    if value is None or len(value) != count:
        return None
    return np.array([float(v) for v in value])
