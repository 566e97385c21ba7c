"""From voxels to stored pixel values: unsigned 16 bits, with what is needed to undo it.

CT stores Hounsfield units exactly to the unit (intercept -1024). An MR object has no rescale
attributes, so its voxels are stored as they are, or times a power of ten that the record states:
``value = stored / scale + offset``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from SynthCore.errors import ComputationError
from SynthCore.image import Array

CT_INTERCEPT = -1024
_TOP = 65535
_SIGNED_TOP = 32767
"""MR stays below it: some readers take 16 bits as signed."""

_ENOUGH = 1000
"""Rounding to whole numbers up to this or more loses at most 1/2000 of the range."""

_CT_WINDOWS = (("40", "400", "SOFT TISSUE"), ("500", "2000", "BONE"))
"""The usual ones of diagnostic workstations."""


@dataclass(frozen=True)
class Stored:
    """Pixel values to write.

    Attributes
    ----------
    values : numpy.ndarray
        uint16, shape (slice, row, column).
    scale, offset : float
        ``value = stored / scale + offset``.
    windows : tuple
        (center, width, explanation) of each window, the first one shown.
    notes : tuple of str
        What was clipped or shifted.
    """

    values: Array
    scale: float
    offset: float
    windows: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]


def store_ct(voxels: Array) -> Stored:
    """Hounsfield units to unsigned 16 bits with intercept -1024 and slope 1.

    Raises
    ------
    ComputationError
        If a voxel is not a number.
    """
    low, high = _range(voxels)
    values = _convert(voxels, lambda plane: plane - CT_INTERCEPT)
    notes = []
    if low < CT_INTERCEPT - 0.5:
        notes.append(f"Values below {CT_INTERCEPT} HU were stored as {CT_INTERCEPT} HU.")
    if high > _TOP + CT_INTERCEPT + 0.5:
        notes.append(f"Values above {_TOP + CT_INTERCEPT} HU were stored as that.")
    return Stored(values, 1.0, float(CT_INTERCEPT), _CT_WINDOWS, tuple(notes))


def store_mr(voxels: Array) -> Stored:
    """Arbitrary units to unsigned 16 bits.

    Whole numbers from 0 to 65535 are stored as they are. Otherwise values whose maximum is from
    1000 to 32767 are rounded, and others multiplied by the power of ten that brings the maximum
    below 32767. Negative values down to 1 % of the maximum are ripple and become 0; deeper ones
    shift everything by `offset`.

    Raises
    ------
    ComputationError
        If a voxel is not a number.
    """
    low, high = _range(voxels)
    notes: tuple[str, ...] = ()
    offset = 0.0
    if low < -0.01 * max(high, 0.0):
        offset = low
        notes = ("Values were shifted to be stored without a sign; the record has the offset.",)
    elif low < 0:
        notes = ("Slightly negative values were stored as 0.",)
    top = high - offset
    whole = low >= 0 and high <= _TOP and _is_whole(voxels)
    scale = 1.0 if whole or _ENOUGH <= top <= _SIGNED_TOP else _power_of_ten(top)
    values = _convert(voxels, lambda plane: (plane - offset) * scale)
    return Stored(values, scale, offset, (_mr_window(values),), notes)


def _convert(voxels: Array, function: Callable[[Array], Array]) -> Array:
    values = np.empty(voxels.shape, dtype=np.uint16)
    # slice by slice, so that no copy of the whole volume in float64 is needed
    for number, plane in enumerate(voxels):
        values[number] = np.clip(np.rint(function(plane.astype(np.float64))), 0, _TOP)
    return values


def _range(voxels: Array) -> tuple[float, float]:
    low, high = float(np.min(voxels)), float(np.max(voxels))
    # a NaN anywhere makes the minimum NaN
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ComputationError(
            "The synthetic image holds values that are not numbers; it was not written."
        )
    return low, high


def _is_whole(voxels: Array) -> bool:
    if voxels.dtype.kind in "iub":
        return True
    return all(bool(np.array_equal(plane, np.rint(plane))) for plane in voxels)


def _power_of_ten(top: float) -> float:
    return float(10.0 ** np.floor(np.log10(_SIGNED_TOP / top))) if top > 0 else 1.0


def _mr_window(values: Array) -> tuple[str, str, str]:
    """From the 1st to the 99.5th percentile of what is not zero, on at most a million voxels."""
    step = max(1, int(np.ceil((values.size / 1e6) ** (1 / 3))))
    sample = values[::step, ::step, ::step]
    tissue = sample[sample > 0]
    low, high = np.percentile(tissue, (1.0, 99.5)) if tissue.size else (0.0, 1.0)
    width = max(float(high - low), 1.0)
    return f"{low + width / 2:.6g}", f"{width:.6g}", "PERCENTILES 1 TO 99.5"
