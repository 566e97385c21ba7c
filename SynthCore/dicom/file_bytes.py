"""A data set as the bytes of a file, with the digest of its tags in it."""

from __future__ import annotations

import secrets
from io import BytesIO

from pydicom import dcmwrite
from pydicom.dataset import Dataset

from SynthCore.dicom.digest import file_digest
from SynthCore.dicom.record_tags import write_digest


def file_bytes(made: Dataset) -> bytes:
    """The complete file; `made` has file meta information and gets the digest as well."""
    # encoding takes most of the time: once only, with something as long where the digest belongs
    place = secrets.token_hex(32)
    write_digest(made, place)
    data = _encode(made)
    digest = file_digest(data)
    write_digest(made, digest)
    if len(digest) != len(place):  # compressed or big endian: it has none
        return _encode(made)
    return data.replace(place.encode(), digest.encode(), 1)


def _encode(made: Dataset) -> bytes:
    buffer = BytesIO()
    dcmwrite(buffer, made, enforce_file_format=True)
    return buffer.getvalue()
