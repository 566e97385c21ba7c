"""A data set as the bytes of a file, with the digest of its tags in it."""

from __future__ import annotations

import secrets
from io import BytesIO

from pydicom import dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from SynthCore.dicom.digest import file_digest
from SynthCore.dicom.record_tags import CREATOR, GROUP, write_digest

_DIGESTED = (ImplicitVRLittleEndian, ExplicitVRLittleEndian)


def file_bytes(made: Dataset) -> bytes:
    """The complete file; `made` has file meta information and gets the digest as well.

    An object in another transfer syntax than uncompressed little endian gets an empty one.
    """
    made.private_block(GROUP, CREATOR, create=True)
    if made.file_meta.TransferSyntaxUID not in _DIGESTED:
        write_digest(made, "")
        return _encode(made)
    # encoding takes most of the time: once only, with something as long where the digest belongs
    place = secrets.token_hex(32)
    write_digest(made, place)
    data = _encode(made)
    digest = file_digest(data)
    write_digest(made, digest)
    return data.replace(place.encode(), digest.encode(), 1)


def _encode(made: Dataset) -> bytes:
    buffer = BytesIO()
    dcmwrite(buffer, made, enforce_file_format=True)
    return buffer.getvalue()
