"""What lies under a mask is taken out of an image before anything looks at the image.

A fill is a guess at what would be there without the lesion, so nothing of the lesion may reach it:
not by the values that a resampling mixes over the mask's border, nor by percentiles, figures and
checks of the whole image.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from SynthCore.axes import toward_lps
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.models.smooth_fill import smooth_fill
from SynthCore.request import SynthesisRequest

Mask = npt.NDArray[np.bool_]


def asked_region(request: SynthesisRequest, image: Image) -> Mask:
    """The region [k, j, i] that a request has filled in an image.

    Raises
    ------
    InputError
        If there is no mask, it is empty, or it lies on another grid.
    """
    if request.mask is None:
        raise InputError(f"The task {request.task} needs a mask: add --mask PATH.")
    region: Mask = request.mask.voxels.astype(bool)
    if not region.any():
        raise InputError("The mask is empty: draw the region to fill.")
    if not request.mask.same_grid(image):
        raise InputError(
            f"The mask does not lie on the grid of {image.modality}: resample it first."
        )
    return region


def without(image: Image, region: Mask) -> Image:
    """The image with a smooth continuation of its surroundings in the region.

    Parameters
    ----------
    image : Image
        What it holds in the region is not looked at; all else comes back as it is.
    region : numpy.ndarray of bool
        [k, j, i], on its grid.
    """
    # in one order of axes: the result is the same however the voxels are stored
    moved, order = toward_lps(image)
    i, j, k = moved.spacing
    voxels = np.ascontiguousarray(moved.voxels, dtype=np.float32)
    filled = order.back(smooth_fill(voxels, np.ascontiguousarray(order.to(region)), (k, j, i)))
    out = image.voxels.copy()
    whole = np.issubdtype(out.dtype, np.integer)
    out[region] = np.rint(filled[region]) if whole else filled[region]
    return image.with_voxels(out)


def digest(region: Mask) -> str:
    """By what a region is known."""
    return hashlib.sha256(np.packbits(region).tobytes()).hexdigest()
