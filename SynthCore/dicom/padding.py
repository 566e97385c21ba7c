"""Pixels that hold no image: those of PixelPaddingValue, and of the range it begins."""

from __future__ import annotations

import numpy as np

from SynthCore.dicom.decode import decode
from SynthCore.dicom.frames import Frame
from SynthCore.dicom.headers import Header, integer, number, value
from SynthCore.image import Array


def padding_in(header: Header, frame: Frame, stored: Array) -> tuple[Array | None, bool]:
    """Where padding is, None where the header has none; and whether no image value can be it.

    A padding value beyond BitsStored is in bits that were cleared in `stored`.
    """
    if stored.dtype.kind not in "iu":
        return None, False
    found = (_as_stored(header, "PixelPaddingValue"), _as_stored(header, "PixelPaddingRangeLimit"))
    ends = [end for end in found if end is not None]
    if found[0] is None:
        return None, False
    low, high = min(ends), max(ends)
    bits = integer(header, "BitsStored", integer(header, "BitsAllocated", 16))
    lowest = -(1 << (bits - 1)) if integer(header, "PixelRepresentation") == 1 else 0
    beyond = high < lowest or low >= lowest + (1 << bits)
    if beyond:
        whole = decode(header, frame.name, index=frame.index, correct_unused_bits=False)
        stored = whole.reshape(stored.shape)
    return np.asarray((stored >= low) & (stored <= high)), beyond


def _as_stored(header: Header, keyword: str) -> int | None:
    """The padding value in the type of the pixels: writers confuse US and SS."""
    found = value(header, keyword)
    raw = int.from_bytes(found, "little") if isinstance(found, bytes) else number(header, keyword)
    if raw is None:
        return None
    bits = integer(header, "BitsAllocated", 16)
    stored = int(raw) % (1 << bits)
    signed = integer(header, "PixelRepresentation") == 1
    return stored - (1 << bits) if signed and stored >= 1 << (bits - 1) else stored
