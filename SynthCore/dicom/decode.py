"""Pixels as they are stored, decompressed, and never more of them than the header says.

What a compressed frame decodes to is told by the frame itself: under a kilobyte of JPEG 2000 may
unfold to gigabytes, whatever Rows and Columns are. So its own size is read first. JPEG: ITU-T
T.81, annex B; JPEG-LS: T.87, annex C; JPEG 2000: T.800, annex A.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames, get_frame
from pydicom.pixels import pixel_array
from pydicom.uid import UID, RLELossless

from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.headers import integer
from SynthCore.errors import InputError

_JPEG = b"\xff\xd8"
_JP2 = b"\0\0\0\x0cjP  "
_CODESTREAM = b"\xff\x4f\xff\x51"
"""Start of codestream and SIZ, which always follows it."""

_STARTS_OF_FRAME = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}

Size = tuple[int, int, int]


def decode(source: Path | Dataset, what: str = "a DICOM file", **options: Any) -> npt.NDArray[Any]:
    """`pydicom.pixels.pixel_array`, after a look at what compressed frames would become.

    Parameters
    ----------
    source : Path or Dataset
        A file, or what was read of it.
    what : str
        How an error names it; a path may hold a patient's name.
    **options
        For `pydicom.pixels.pixel_array`; `index` names the frame.

    Raises
    ------
    InputError
        If a compressed frame has another size than the header says, or tells none.
    Exception
        As pydicom; see `SynthCore.dicom.guard.guarded`.
    """
    header = read_file(source, force=True) if isinstance(source, Path) else source
    wanted = tuple(
        integer(header, name, 1) for name in ("Rows", "Columns", "SamplesPerPixel")
    )  # fmt: skip
    for frame in _compressed(header, options.get("index")):
        found = sizes(frame)
        if set(found) != {wanted}:
            says = " and ".join(f"{rows} x {columns}" for rows, columns, _ in found) or "no size"
            raise InputError(
                f"A compressed frame of {what} says {says} where its header says "
                f"{wanted[0]} x {wanted[1]}; it is damaged, export it again."
            )
    return np.asarray(pixel_array(header, **options))


def sizes(frame: bytes) -> tuple[Size, ...]:
    """Rows, columns and samples that a JPEG, JPEG-LS or JPEG 2000 frame says; none if it does not.

    More than one where a file in JP2 boxes holds several that may be the codestream.
    """
    try:
        if frame.startswith(_JPEG):
            return (_of_jpeg(frame),)
        if frame.startswith(_CODESTREAM):
            return (_of_codestream(frame, 0),)
        if frame.startswith(_JP2):
            return tuple(dict.fromkeys(_of_codestream(frame, at) for at in _places(frame)))
    except (IndexError, ValueError):
        pass
    return ()


def _compressed(header: Dataset, index: int | None) -> Iterator[bytes]:
    syntax = getattr(header, "file_meta", Dataset()).get("TransferSyntaxUID")
    # run lengths unfold to 64 times their size at most
    if not syntax or not UID(syntax).is_encapsulated or syntax == RLELossless:
        return
    offsets = None
    if "ExtendedOffsetTable" in header:
        offsets = (header.ExtendedOffsetTable, header.ExtendedOffsetTableLengths)
    count = integer(header, "NumberOfFrames", 1)
    if index is not None:
        yield get_frame(header.PixelData, index, number_of_frames=count, extended_offsets=offsets)
        return
    yield from generate_frames(header.PixelData, number_of_frames=count, extended_offsets=offsets)


def _of_jpeg(frame: bytes) -> Size:
    at = 2
    while True:
        if frame[at] != 0xFF:
            raise ValueError("no marker")
        while frame[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = frame[at + 1]
        if marker in _STARTS_OF_FRAME:
            return _number(frame, at + 5, 2), _number(frame, at + 7, 2), frame[at + 9]
        at += 2 if marker in _WITHOUT_LENGTH else 2 + _number(frame, at + 2, 2)


def _of_codestream(frame: bytes, at: int) -> Size:
    width, height, left, top = (_number(frame, at + 8 + 4 * n, 4) for n in range(4))
    return height - top, width - left, _number(frame, at + 40, 2)


def _places(frame: bytes) -> Iterator[int]:
    at = frame.find(_CODESTREAM)
    while at >= 0:
        yield at
        at = frame.find(_CODESTREAM, at + 1)


def _number(frame: bytes, at: int, count: int) -> int:
    if at + count > len(frame):
        raise IndexError("cut short")
    return int.from_bytes(frame[at : at + count], "big")
