"""A fingerprint of a whole data set that one changed tag or pixel changes.

The digest is the SHA-256 of every element but the digest itself, in the order of tags: tag and
value bytes of each, sequences item by item. Value representations, the lengths of sequences and
padding do not count, so a file that an archive stores in another uncompressed encoding keeps its
digest.

It shows *integrity*, not authenticity: who changes a file on purpose can compute a new digest.
It finds damage, editing, coercion by an archive, and mixed-up files.
"""

from __future__ import annotations

import hashlib
from struct import pack
from typing import Protocol

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element
from pydicom.tag import BaseTag

from SynthCore.dicom.record_tags import digest_tag

_PADDED = frozenset(
    [
        "AE",
        "AS",
        "CS",
        "DA",
        "DS",
        "DT",
        "IS",
        "LO",
        "LT",
        "PN",
        "SH",
        "ST",
        "TM",
        "UC",
        "UI",
        "UR",
        "UT",
        "UN",
    ]
)
"""Text, whose padding has no meaning; UN is what implicit encoding makes of a private text."""


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def data_set_digest(header: Dataset) -> str:
    """SHA-256 over a data set as just read, in hexadecimal.

    Parameters
    ----------
    header : pydicom.Dataset
        Fresh from ``dcmread``, no value looked at yet: only then are the elements the bytes of
        the file. Uncompressed, little endian.
    """
    digest = hashlib.sha256()
    _update(digest, header, skip=digest_tag(header))
    return digest.hexdigest()


def _update(digest: _Hash, header: Dataset, skip: BaseTag | None = None) -> None:
    for tag in sorted(header.keys()):
        # group lengths and trailing padding say nothing about the content
        if tag == skip or tag.element == 0 or tag == 0xFFFCFFFC:
            continue
        raw = header.get_item(tag, keep_deferred=True)
        vr = raw.VR or (dictionary_VR(tag) if dictionary_has_tag(tag) else "UN")
        if vr == "SQ":
            items = header[tag].value
            digest.update(pack("<HH2sI", tag.group, tag.element, b"SQ", len(items)))
            for item in items:
                digest.update(b"item")
                _update(digest, item)
            digest.update(b"done")
            continue
        value = _bytes(raw)
        if vr in _PADDED:
            value = value.rstrip(b" \0")
        digest.update(pack("<HHQ", tag.group, tag.element, len(value)))
        digest.update(value)


def _bytes(element: RawDataElement | DataElement) -> bytes:
    """The value's bytes: those of the file, or written again where pydicom looked while reading.

    It looks at the character set and the pixel representation.
    """
    if isinstance(element, RawDataElement):
        return bytes(element.value or b"")
    if element.VR not in ("CS", "US"):
        raise TypeError(f"{element.tag} was looked at before the digest was made")
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, True
    write_data_element(buffer, element)
    return bytes(buffer.getvalue()[8:])  # after tag and length
