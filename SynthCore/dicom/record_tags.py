"""The record inside the object: a private block that tells how the image was made.

Private creator ``SYNTHCORE`` in group 0071 (a block at 10 unless taken):

========== === ==========================================================================
(0071,xx01) UT  the `SynthesisRecord` as JSON, the same in every object of the series; its
                ``output.instances`` lists each SOPInstanceUID with the SHA-256 of its PixelData
(0071,xx02) LO  the digest of this object's data set (`SynthCore.dicom.digest`)
========== === ==========================================================================

De-identified copies of whole objects hold a shorter record and a digest of their own
(`SynthCore.dicom.deidentify.seal`).
"""

from __future__ import annotations

from pydicom.dataset import Dataset

from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.texts import value_text
from SynthCore.image import Synthetic
from SynthCore.request import SynthesisRecord
from SynthCore.tasks import PHANTOM_TASK

GROUP = 0x0071
CREATOR = "SYNTHCORE"
RECORD_OFFSET, DIGEST_OFFSET = 0x01, 0x02


def write_record(header: Dataset, record_json: str) -> None:
    """Put the record into the private block."""
    header.private_block(GROUP, CREATOR, create=True).add_new(RECORD_OFFSET, "UT", record_json)


def write_digest(header: Dataset, digest: str) -> None:
    """Put the digest into the private block, beside the record."""
    header.private_block(GROUP, CREATOR).add_new(DIGEST_OFFSET, "LO", digest)


def read_record_json(header: Dataset) -> str:
    """The record as it stands in the block, empty where there is none."""
    return _text(header, RECORD_OFFSET)


def read_record(header: Dataset) -> SynthesisRecord:
    """The record of a synthetic object.

    Raises
    ------
    ValueError
        If it has none, or none that can be read.
    """
    return SynthesisRecord.from_json(read_record_json(header))


def synthetic_of(header: Dataset) -> Synthetic:
    """Whether the object is marked as synthetic, and whether it pictures a digital phantom."""
    if not is_synthetic(header):
        return ""
    try:
        return "PHANTOM" if read_record(header).task == PHANTOM_TASK else "YES"
    except ValueError:
        return "YES"


def read_digest(header: Dataset) -> str:
    """The digest as it stands in the block, empty where there is none."""
    return _text(header, DIGEST_OFFSET)


def _text(header: Dataset, offset: int) -> str:
    try:
        block = header.private_block(GROUP, CREATOR)
        return value_text(block[offset].value)
    except KeyError:
        return ""
