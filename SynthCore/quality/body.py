"""The body in an image, the same whichever way its voxels are stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.axes import toward_slices
from SynthCore.image import Image
from SynthCore.quality.masks import body_mask_ct, body_mask_mr

Mask = npt.NDArray[np.bool_]


def body_in_ct(image: Image) -> Mask:
    """`SynthCore.quality.masks.body_mask_ct` of an image, [k, j, i] as it is stored."""
    return _by_slices(image, body_mask_ct)


def body_in_mr(image: Image) -> Mask:
    """`SynthCore.quality.masks.body_mask_mr` of an image, [k, j, i] as it is stored."""
    return _by_slices(image, body_mask_mr)


def body_in(image: Image) -> Mask:
    """The body in an image: as in CT where it is in HU, else as in MR."""
    return body_in_ct(image) if image.unit == "HU" else body_in_mr(image)


def _by_slices(
    image: Image, find: Callable[[npt.NDArray[Any], tuple[float, float, float]], Mask]
) -> Mask:
    moved, order = toward_slices(image)
    return np.ascontiguousarray(order.back(find(np.ascontiguousarray(moved.voxels), moved.spacing)))
