"""Bits of pixels outside those that are stored: no display shows them, and they can hide text."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset

from SynthCore.dicom.headers import integer


def has_unused_bits(header: Dataset) -> bool:
    """Whether the pixels have bits that are not part of their values."""
    allocated = integer(header, "BitsAllocated")
    return allocated in (8, 16, 32) and 0 < integer(header, "BitsStored") < allocated


def stored_only(values: np.ndarray, header: Dataset) -> np.ndarray:
    """The values with zero in the bits below those stored, and their sign (or zero) above.

    Parameters
    ----------
    values : numpy.ndarray
        Integers of as many bits as BitsAllocated says; others are returned as they are.
    header : Dataset
        BitsStored, HighBit and PixelRepresentation (PS3.5, 8.1.1).
    """
    allocated = values.dtype.itemsize * 8
    stored = integer(header, "BitsStored")
    high = integer(header, "HighBit", stored - 1)
    if values.dtype.kind not in "iu" or integer(header, "BitsAllocated") != allocated:
        return values
    if not 0 < stored < allocated or not stored - 1 <= high < allocated:
        return values
    above, below = allocated - 1 - high, high - stored + 1
    width = values.dtype.itemsize
    signed = integer(header, "PixelRepresentation") == 1
    shifted = values.view(f"u{width}") << above
    # the sign is carried into the bits above
    whole = shifted.view(f"i{width}" if signed else f"u{width}") >> above
    return np.asarray((whole >> below) << below).view(values.dtype)
