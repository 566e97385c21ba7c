"""Soft tissue in pieces, each with a CT number of its own: contrast medium, fluid, fatty organs.

None of the CTs to scan holds contrast medium, and a network that has seen one number for soft
tissue takes a liver after contrast medium for shading. What tells the two apart is the border:
medium ends where an organ ends, shading does not. So it is drawn for pieces that end there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.segmentation import expand_labels, watershed

SHARE = 0.8
"""Of the scans, those of someone whose soft tissue is changed."""

EVERYWHERE_HU = (-15.0, 25.0)
"""All of it is changed by so much."""

LIFTED_HU = (-40.0, 160.0)
"""And some of its pieces by up to so much: from fluid and fatty livers to kidneys and vessels."""

_SOFT_HU = (-20.0, 160.0)
_NECK_MM = 8.0
"""Pieces meet where soft tissue is narrow; middles nearer than this belong to one piece."""

_THINNEST_MM = 3.0
_BORDER = 2
"""Voxels at the rim of a piece that are partly fat."""


def pieces(
    ct: npt.NDArray[np.float32], spacing: tuple[float, float, float]
) -> npt.NDArray[np.int16]:
    """Numbers of the pieces of soft tissue, 0 elsewhere: [k, j, i], as `ct` in HU.

    A watershed of the distance to other tissue: organs that fat keeps apart come out whole, and
    those that touch are parted where they touch.
    """
    soft = (ct > _SOFT_HU[0]) & (ct < _SOFT_HU[1])
    soft = ndimage.binary_opening(soft, np.ones((1, 3, 3)))
    depth = ndimage.distance_transform_edt(soft, spacing)
    depth = ndimage.gaussian_filter(depth, [2.0 / s for s in spacing])
    reach = [2 * round(_NECK_MM / s) + 1 for s in spacing]
    middles = (ndimage.maximum_filter(depth, size=reach) == depth) & (depth > _THINNEST_MM)
    seeds, count = ndimage.label(middles, np.ones((3, 3, 3)))
    if count == 0:
        return np.zeros(ct.shape, dtype=np.int16)
    grown = expand_labels(watershed(-depth, seeds, mask=soft), _BORDER)
    return np.asarray(grown, dtype=np.int16)


def changed(
    ct: npt.NDArray[np.float32], numbers: npt.NDArray[np.int16], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """CT numbers [k, j, i] of someone whose pieces are lifted or lowered, or as they are."""
    if rng.random() >= SHARE:
        return ct
    most = rng.uniform(*LIFTED_HU)
    chosen = rng.random(int(numbers.max(initial=0)) + 1) < rng.random()
    level = np.where(chosen, rng.uniform(0, 1, chosen.size) * most, 0.0)
    level[0] = 0.0
    level += rng.uniform(*EVERYWHERE_HU)
    # voxels that are partly fat or bone get their part
    soft = np.clip((ct + 100) / 120, 0, 1) * np.clip((250 - ct) / 90, 0, 1)
    return np.asarray(ct + level[numbers] * soft, dtype=np.float32)
