"""Find the DICOM files under a folder and read only the header values needed to sort them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pydicom.datadict import tag_for_keyword

from SynthCore.dicom.acquisition import kind_of
from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.guard import guarded, quiet
from SynthCore.dicom.headers import SYNTHETIC_DATA, Header, integer, text, value
from SynthCore.errors import InputError

_KEYWORDS = """
    SpecificCharacterSet ImageType SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID
    SeriesNumber SeriesDescription ProtocolName SequenceName Modality Manufacturer
    ManufacturerModelName StationName PatientID PatientName InstanceNumber AcquisitionNumber
    AcquisitionTime AcquisitionDuration ContentTime TriggerTime TemporalPositionIdentifier
    NominalPercentageOfCardiacPhase ScanningSequence SequenceVariant ScanOptions
    MRAcquisitionType RepetitionTime EchoTime EchoNumbers InversionTime FlipAngle
    EchoTrainLength ContrastBolusAgent ContrastBolusAgentSequence EchoPulseSequence
    InversionRecovery SteadyStatePulseSequence EchoPlanarPulseSequence Spoiling
    DiffusionBValue PerformedProcedureStepDescription StudyDescription
    GantryDetectorTilt SliceThickness SpacingBetweenSlices PixelSpacing
    ImagePositionPatient ImageOrientationPatient FrameOfReferenceUID NumberOfFrames Rows Columns
    SamplesPerPixel PhotometricInterpretation BitsAllocated BitsStored HighBit PixelRepresentation
    RescaleSlope RescaleIntercept RescaleType ModalityLUTSequence ComplexImageComponent
    CorrectedImage DirectoryRecordSequence SharedFunctionalGroupsSequence
    PerFrameFunctionalGroupsSequence
"""

SCAN_TAGS: list[int] = [SYNTHETIC_DATA] + [
    tag for tag in (tag_for_keyword(keyword) for keyword in _KEYWORDS.split()) if tag is not None
]
"""What a scan reads of each file; the rest is skipped over."""

_STARTS = (b"\x08\x00", b"\x02\x00", b"\x00\x08", b"\x00\x02")


@dataclass(frozen=True)
class Instance:
    """One DICOM file: where it lies, and its header without pixels."""

    path: Path
    header: Header = field(repr=False, compare=False)

    @property
    def uid(self) -> str:
        """SOPInstanceUID."""
        return text(self.header, "SOPInstanceUID")

    @property
    def series_uid(self) -> str:
        """SeriesInstanceUID, empty where it is missing."""
        return text(self.header, "SeriesInstanceUID")


@dataclass(frozen=True)
class Scan:
    """What lies under a folder.

    Attributes
    ----------
    instances : tuple of Instance
        Every DICOM object, in the order of the paths.
    damaged : tuple of Path
        Files that begin like DICOM, or are empty and called so, and cannot be read.
    others : tuple of Path
        Files that are not DICOM.
    """

    instances: tuple[Instance, ...]
    damaged: tuple[Path, ...]
    others: tuple[Path, ...]


def scan(folder: Path) -> Scan:
    """Read the headers of every DICOM file under `folder`; DICOMDIR and hidden files are skipped.

    Raises
    ------
    InputError
        If the folder or a file in it may not be read.
    """
    found: list[Instance] = []
    damaged: list[Path] = []
    others: list[Path] = []
    for path in _files(folder):
        kind, header = _open(path)
        if kind == "other":
            others.append(path)
        elif header is None or not _identified(header) or _cut(header):
            damaged.append(path)
        elif not _is_directory(header):
            found.append(Instance(path, header))
    return Scan(tuple(found), tuple(damaged), tuple(others))


def read_instance(path: Path) -> Instance:
    """The header of one DICOM file.

    Raises
    ------
    InputError
        If it is no DICOM file, a DICOMDIR, or its header is damaged.
    """
    kind, header = _open(path)
    if kind == "other":
        raise InputError(
            f"{path.name} is not a DICOM file; give the file the scanner or PACS wrote."
        )
    if header is None or not _identified(header):
        raise InputError(f"{path.name} has a damaged DICOM header; copy it again.")
    if _is_directory(header):
        raise InputError(f"{path.name} is a DICOM directory file; give the folder that holds it.")
    return Instance(path, header)


def is_of_class(path: Path, *sop_class_uids: str) -> bool:
    """Whether the file is a DICOM object of these classes; False for whatever cannot be read."""
    try:
        with quiet():
            header = read_file(path, stop_before_pixels=True, specific_tags=["SOPClassUID"])
        return bool(header.get("SOPClassUID") in sop_class_uids)
    except Exception:  # pydicom raises many kinds on bytes that are no DICOM
        return False


def looks_like_dicom(path: Path) -> bool:
    """Whether the first bytes are those of a DICOM file, with or without preamble."""
    try:
        with path.open("rb") as stream:
            return _kind(stream) == "dicom"
    except OSError:
        return False


def visible_files(folder: Path, onerror: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """Files below a folder, by name within each; hidden files and folders are left out.

    Systems make some of their own: ._1.dcm and .DS_Store are what macOS leaves on a memory stick.

    Parameters
    ----------
    folder : Path
        Where to look.
    onerror : callable, optional
        Told of a folder that may not be read, which is passed over where not given.
    """
    for root, folders, names in os.walk(folder, onerror=onerror):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and path.is_file():
                yield path


def _files(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        name = Path(error.filename).name if error.filename else folder.name
        raise InputError(f"The folder {name} may not be read; change its permissions.") from error

    return visible_files(folder, refuse)


def _open(path: Path) -> tuple[str, Header | None]:
    with guarded(path.name, "cannot be read; copy it again"), path.open("rb") as stream:
        kind = _kind(stream)
        return kind, _header(stream) if kind == "dicom" else None


def _kind(stream: BinaryIO) -> str:
    head = stream.read(132)
    stream.seek(0)
    if head[128:132] == b"DICM":
        return "dicom"
    if not head:
        empty = Path(stream.name).suffix.lower() in (".dcm", ".ima", ".dicom")
        return "damaged" if empty else "other"
    # no preamble: the first element is of group 2 or 8, and its number is small
    if len(head) >= 8 and head[:2] in _STARTS:
        big = head[0] == 0
        element = int.from_bytes(head[2:4], "big" if big else "little")
        if element <= 0x1200 and b"\x00" in head[2:8]:
            return "dicom"
    return "other"


def _header(stream: BinaryIO) -> Header | None:
    try:
        return read_file(stream, stop_before_pixels=True, force=True, specific_tags=list(SCAN_TAGS))
    except (OSError, MemoryError):
        raise
    except Exception:
        return None


def _identified(header: Header) -> bool:
    return bool(text(header, "SOPClassUID") or text(header, "Modality")) or _is_directory(header)


def _cut(header: Header) -> bool:
    """An image that says nothing of its picture: its series may lack it without a trace."""
    return kind_of(header) != "" and integer(header, "Rows") < 1


def _is_directory(header: Header) -> bool:
    media = text(getattr(header, "file_meta", None) or {}, "MediaStorageSOPClassUID")
    return media == "1.2.840.10008.1.3.10" or value(header, "DirectoryRecordSequence") is not None
