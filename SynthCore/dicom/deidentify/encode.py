"""The bytes of a cleaned object: new meta information, an empty preamble, little endian."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from SynthCore import __version__
from SynthCore.dicom.deidentify.terms import SearchTerms
from SynthCore.dicom.texts import SH, fit
from SynthCore.dicom.write import IMPLEMENTATION_UID
from SynthCore.errors import ComputationError

_WORD = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
_UID_BYTES = re.compile(rb"[0-2](?:\.\d+){2,}")


def encode(target: Dataset, syntax: UID) -> bytes:
    """The complete file; a compressed transfer syntax stays, others become Explicit VR LE."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = target.SOPClassUID
    meta.MediaStorageSOPInstanceUID = target.SOPInstanceUID
    meta.TransferSyntaxUID = syntax if syntax.is_encapsulated else ExplicitVRLittleEndian
    meta.ImplementationClassUID = IMPLEMENTATION_UID
    meta.ImplementationVersionName = fit(f"SYNTHCORE_{__version__}", SH)
    target.file_meta = meta
    _name_characters(target)
    buffer = BytesIO()
    dcmwrite(buffer, target, enforce_file_format=True)
    return buffer.getvalue()


def swap_bytes(target: Dataset) -> None:
    """Turn bulk values of a big endian file round, in every sequence; numbers pydicom turns."""
    for element in target:
        if element.VR == "SQ":
            for item in element.value or ():
                swap_bytes(item)
        elif isinstance(element.value, bytes) and (width := _width(element.VR, target)) > 1:
            words = np.frombuffer(element.value, dtype=f">u{width}")
            element.value = words.astype(f"<u{width}").tobytes()


def check_bytes(
    data: bytes,
    target: Dataset,
    native: bool,
    terms: SearchTerms,
    uids: set[str],
    number: int,
    written: str = "",
) -> None:
    """Look through the file for what must not be in it; native pixels aside, which are numbers.

    In compressed pixels only long forms are looked for.

    Parameters
    ----------
    data, target
        The file, and the object that was written into it.
    native : bool
        Whether its pixels are not compressed.
    terms : SearchTerms
        What to find.
    uids : set of str
        UIDs of the sources.
    number : int
        Of the source in the order of the paths, for errors.
    written : str
        Published texts that were kept, in small letters: words of them may be somebody's name.

    Raises
    ------
    ComputationError
        If an identifier or an original UID is there: the object is not written.
    """

    def holds(part: bytes, *, compressed: bool = False) -> bool:
        forms = terms.found_in(part, compressed=compressed)
        if any(form.decode("latin-1") not in written for form in forms):
            return True
        # a digit may belong to the next element: its tag begins with that byte
        found = [uid.decode() for uid in _UID_BYTES.findall(part)]
        return any(uid in uids or uid[:-1] in uids for uid in found)

    pixels = target.get("PixelData")
    where = data.find(pixels) if pixels else -1
    parts = (data,) if where < 0 else (data[:where], data[where + len(pixels or b"") :])
    in_pixels = bool(pixels) and not native and holds(pixels, compressed=True)
    if not in_pixels and not any(holds(part) for part in parts):
        return
    # by its keyword alone: what it holds is the patient's
    kept = ["PixelData"] if in_pixels else _keywords(target, holds)
    raise ComputationError(
        "An identifier of the source was still in the de-identified object of DICOM file "
        f"{number} in the order of the paths ({', '.join(kept) or 'between its attributes'}): "
        "nothing was kept; leave that file out, or please report what kind of object it is."
    )


def _keywords(target: Dataset, holds: Callable[[bytes], bool]) -> list[str]:
    """Attributes whose value, written by itself, holds what must not be there; each once."""
    found: dict[str, None] = {}
    for element in target.iterall():
        if element.VR == "SQ" or element.keyword == "PixelData":
            continue
        value = element.value
        plain = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
        if holds(plain):
            found[element.keyword or str(element.tag)] = None
    return list(found)


def _width(vr: str, target: Dataset) -> int:
    if vr == "OW" and target.get("BitsAllocated") == 32 and "PixelData" in target:
        return 4
    return _WORD.get(vr, 1)


def _name_characters(target: Dataset) -> None:
    """UTF-8 where a text needs it, nothing where ASCII does."""
    if not all(text.isascii() for text in _texts(target)):
        target.SpecificCharacterSet = "ISO_IR 192"


def _texts(target: Dataset) -> list[str]:
    found: list[str] = []
    for element in target:
        if element.VR == "SQ":
            for item in element.value or ():
                found += _texts(item)
        elif element.VR in ("LO", "SH", "LT", "ST", "UT", "UC", "PN"):
            found.append(str(element.value))
    return found
