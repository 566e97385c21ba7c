"""The record inside the object: a private block that tells how the image was made.

Private creator ``SYNTHCORE`` in group 0071 (a block at 10 unless taken):

========== === ==========================================================================
(0071,xx01) UT  the `SynthesisRecord` as JSON, the same in every object of the series; its
                ``output.instances`` lists each SOPInstanceUID with the SHA-256 of its PixelData
(0071,xx02) LO  the digest of this object's data set (`SynthCore.dicom.digest`)
========== === ==========================================================================
"""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from SynthCore.request import SynthesisRecord

GROUP = 0x0071
CREATOR = "SYNTHCORE"
_RECORD, _DIGEST = 0x01, 0x02


def write_record(header: Dataset, record_json: str) -> None:
    """Put the record into the private block."""
    header.private_block(GROUP, CREATOR, create=True).add_new(_RECORD, "UT", record_json)


def write_digest(header: Dataset, digest: str) -> None:
    """Put the digest into the private block, beside the record."""
    header.private_block(GROUP, CREATOR).add_new(_DIGEST, "LO", digest)


def read_record_json(header: Dataset) -> str:
    """The record as it stands in the block, empty where there is none."""
    return _text(header, _RECORD)


def read_record(header: Dataset) -> SynthesisRecord:
    """The record of a synthetic object.

    Raises
    ------
    ValueError
        If it has none, or none that can be read.
    """
    return SynthesisRecord.from_json(read_record_json(header))


def read_digest(header: Dataset) -> str:
    """The digest as it stands in the block, empty where there is none."""
    return _text(header, _DIGEST)


def digest_tag(header: Dataset) -> BaseTag | None:
    """Where the digest stands; looks at no value, so that the data set stays raw."""
    for element in range(0x10, 0x100):
        raw = header.get_item(Tag(GROUP, element)) if Tag(GROUP, element) in header else None
        if raw is not None and _plain(raw.value) == CREATOR:
            return Tag(GROUP, (element << 8) + _DIGEST)
    return None


def _text(header: Dataset, offset: int) -> str:
    tag = digest_tag(header)
    tag = Tag(GROUP, tag.element - _DIGEST + offset) if tag is not None else None
    return _plain(header[tag].value) if tag is not None and tag in header else ""


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace").strip(" \0")
    return str(value or "").strip()
