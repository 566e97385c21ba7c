"""A fingerprint of a whole data set that one changed tag or pixel changes.

The digest is the SHA-256 of every element but the digest itself, in the order of tags: tag, value
representation and value bytes of each, sequences item by item. How the lengths of sequences are
stated and how values are padded does not count, nor whether value representations are stated at
all, so a file that an archive stores in another uncompressed encoding keeps its digest.

It shows *integrity*, not authenticity: who changes a file on purpose can compute a new digest.
It finds damage, editing, coercion by an archive, and mixed-up files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from struct import pack
from typing import Protocol

from SynthCore.dicom.encoding import Element, data_set_of, implied_vr
from SynthCore.dicom.record_tags import CREATOR, DIGEST_OFFSET, GROUP

_TEXT = (
    *("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM"),
    *("UC", "UI", "UR", "UT"),
)
"""Value representations whose values are padded with blanks or, UI, with a null byte."""


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def file_digest(data: bytes) -> str:
    """SHA-256 over the data set of a DICOM file, in hexadecimal.

    Parameters
    ----------
    data
        The whole file.

    Returns
    -------
    str
        Empty where the file is compressed or big endian.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    elements = data_set_of(data)
    if elements is None:
        return ""
    digest = hashlib.sha256()
    own = _own_tag(elements)
    _update(digest, (element for element in elements if element.tag != own))
    return digest.hexdigest()


def _own_tag(elements: Iterable[Element]) -> tuple[int, int] | None:
    for element in elements:
        group, number = element.tag
        if group == GROUP and number < 0x100 and element.value.strip(b" \0") == CREATOR.encode():
            return GROUP, (number << 8) + DIGEST_OFFSET
    return None


def _update(digest: _Hash, elements: Iterable[Element]) -> None:
    for element in elements:
        group, number = element.tag
        # group lengths and trailing padding say nothing about the content
        if number == 0 or element.tag == (0xFFFC, 0xFFFC):
            continue
        if element.items is not None:
            digest.update(pack("<HH2sI", group, number, b"SQ", len(element.items)))
            for item in element.items:
                digest.update(b"item")
                _update(digest, item)
            digest.update(b"done")
            continue
        # a system that does not know an element stores it as UN
        vr = implied_vr(element.tag) if element.vr == "UN" else element.vr
        value = element.value.rstrip(b" \0") if vr in _TEXT else element.value
        digest.update(pack("<HH2sQ", group, number, vr.encode(), len(value)))
        digest.update(value)
