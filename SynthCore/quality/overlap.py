"""Overlap of two masks."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]


def dice(a: Mask, b: Mask) -> float:
    """Dice coefficient ``2 |A and B| / (|A| + |B|)``; NaN where both masks are empty."""
    total = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return 2 * int(np.count_nonzero(a & b)) / total if total else math.nan
