"""Can the region of a mask be filled from what lies around it?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.request import Check

Region = npt.NDArray[np.bool_]

MASK = "mask"
"""Name of the check."""

WARN, REFUSE = 0.2, 0.5
"""Shares of the body in the mask: tumors take less than the first, and of what is more than the
second no model here has seen enough around it. A mask that was inverted holds nearly all."""


def mask_check(image: Image, region: Region, body: Region) -> Check:
    """Check the region to fill against the body of the image it lies in.

    Parameters
    ----------
    image : Image
        Of which the region is filled.
    region, body : numpy.ndarray of bool
        [k, j, i], on its grid.
    """
    voxel_ml = float(np.prod(image.spacing)) / 1000
    inside = int(np.count_nonzero(region & body))
    share = inside / max(int(np.count_nonzero(body)), 1)
    volume = np.count_nonzero(region) * voxel_ml
    size = f"The mask holds {volume:.0f} ml" if volume > 100 else f"The mask holds {volume:.3g} ml"
    if inside == 0:
        told = f"{size}, all of it outside of the patient: give the mask drawn on this image."
        return Check(MASK, "refuse", told, share, WARN)
    percent = f"{share:.0%}" if share >= 0.01 else f"{100 * share:.2g}%"
    told = f"{size}, {percent} of what the image shows of the patient"
    if share > REFUSE:
        told += ": too little is left to fill it from; was it inverted?"
        return Check(MASK, "refuse", told, share, REFUSE)
    if share > WARN:
        return Check(MASK, "warn", f"{told}: more than a lesion takes.", share, WARN)
    return Check(MASK, "pass", f"{told}.", share, WARN)
