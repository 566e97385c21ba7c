"""Read a DICOM file whose data set may be deflated, and inflate no bomb.

Where the transfer syntax is Deflated Explicit VR Little Endian (PS3.5 A.5), pydicom inflates the
whole data set before it reads the first element, whatever it claims to be: half a megabyte of zeros
becomes half a gigabyte. So it is inflated piece by piece first, and only counted.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any, BinaryIO

import pydicom
from pydicom.filereader import read_dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from SynthCore.errors import InputError

MOST_TIMES = 100
"""A data set may be so many times as large as it is deflated: a label map of few labels is."""

ALWAYS = 2**26
"""Bytes that it may have in any case."""

PIECE = 2**20


def read_file(source: Path | BinaryIO, **options: Any) -> pydicom.FileDataset:
    """`pydicom.dcmread`, after a look at what a deflated data set would become.

    Parameters
    ----------
    source : Path or binary stream
        A stream is read from its beginning.
    **options
        For `pydicom.dcmread`.

    Raises
    ------
    InputError
        If it would become too large.
    Exception
        As pydicom; see `SynthCore.dicom.guard.guarded`.
    """
    if isinstance(source, Path):
        with source.open("rb") as stream:
            refuse_bomb(stream)
    else:
        refuse_bomb(source)
    return pydicom.dcmread(source, **options)


def refuse_bomb(stream: BinaryIO) -> None:
    """Raise `InputError` if a deflated data set would become too large; rewind the stream."""
    stream.seek(0)
    if stream.read(132)[128:] != b"DICM":
        stream.seek(0)  # a file may begin with its meta information
    meta = read_dataset(stream, False, True, stop_when=_of_data_set)
    if meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
        _count(stream)
    stream.seek(0)


def _of_data_set(tag: Any, _vr: Any, _length: int) -> bool:
    return bool(tag.group != 2)


def _count(stream: BinaryIO) -> None:
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    taken = made = 0
    while not inflating.eof and (piece := stream.read(PIECE)):
        taken += len(piece)
        while piece and not inflating.eof:
            made += len(inflating.decompress(piece, PIECE))
            if made > max(ALWAYS, MOST_TIMES * taken):
                raise InputError(
                    "A DICOM file is deflated to less than a hundredth of its size, as no image "
                    "is; export it again without compression."
                )
            piece = inflating.unconsumed_tail
