"""Fill a mask with the biharmonic function that continues what surrounds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.restoration import inpaint_biharmonic

from SynthCore.errors import InputError
from SynthCore.models.classical.base import Float32, Job

MARGIN = 12
"""Pixels around the mask that the fill can see; the stencil itself reaches two."""


@dataclass(frozen=True)
class BiharmonicFill:
    """Slice by slice; voxels outside the mask come back bit for bit."""

    def __call__(self, job: Job) -> Float32:
        """The target with the mask filled, in its own unit."""
        image = job.inputs[job.target]
        if job.mask is None:
            raise InputError("Inpainting needs a mask: add --mask PATH.")
        out = image.voxels.astype(np.float32)
        slices = np.flatnonzero(job.mask.any(axis=(1, 2)))
        for k in job.steps(slices, len(slices), "biharmonic fill"):
            rows, columns = ndimage.find_objects(job.mask[k].astype(np.uint8))[0]
            window = (_widen(rows), _widen(columns))
            patch, hole = out[k][window].astype(np.float64), job.mask[k][window]
            if hole.all():
                raise InputError(
                    f"The mask covers slice {k + 1} of the image wholly; draw it inside the "
                    "anatomy."
                )
            filled = inpaint_biharmonic(patch, hole, split_into_regions=True)
            # the fill can overshoot far from the border; no tissue around it is so bright
            low, high = patch[~hole].min(), patch[~hole].max()
            out[k][window][hole] = np.clip(filled[hole], low, high).astype(np.float32)
        return out


def _widen(span: slice) -> slice:
    return slice(max(span.start - MARGIN, 0), span.stop + MARGIN)
