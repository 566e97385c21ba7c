"""A CT of bulk densities: one CT number for each class of tissue that MR tells apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.filters import threshold_multiotsu

from SynthCore.errors import InputError
from SynthCore.models.classical.base import Float32, Job

TISSUES = 3
"""Fat, soft tissue and bone."""

SKIN_MM = 8.0
"""Dark voxels this close to the outline are the edge of the body, not bone."""


@dataclass(frozen=True)
class BulkDensity:
    """Air, fat, soft tissue and bone by thresholds inside the body.

    T1, with contrast agent or without, shows fat brightest, muscle and organs in the middle, and
    cortical bone dark, so three classes by Otsu's method are told apart; T2 shows fluid and fat
    alike, so it has two. Air inside the body is as dark as bone and becomes bone: the known failure
    of the method.

    Attributes
    ----------
    air, fat, soft, bone : float
        HU. The defaults are the means of ICRU Report 46 tissues: adipose, muscle, and bone at a
        density between spongy and cortical.
    """

    air: float = -1000.0
    fat: float = -100.0
    soft: float = 50.0
    bone: float = 500.0

    def __call__(self, job: Job) -> Float32:
        """A CT in HU."""
        role, image = next(iter(job.inputs.items()))
        voxels = image.voxels.astype(np.float32)
        out = np.full(voxels.shape, self.air, dtype=np.float32)
        for _ in job.steps((0,), 1, "bulk density"):
            inside = voxels[job.body]
            if inside.size == 0 or np.ptp(inside) == 0:
                return out
            top = np.percentile(inside, 99.5)
            try:
                dark, bright = threshold_multiotsu(np.clip(inside, None, top), classes=TISSUES)
            except ValueError as error:
                raise InputError(
                    f"The {role} image shows fewer than {TISSUES} gray levels in the body: no "
                    "tissues can be told apart."
                ) from error
            out[job.body] = self.soft
            if role in ("T1", "T1c"):
                out[job.body & (voxels > bright)] = self.fat
            out[_bone(voxels, job.body, float(dark), image.spacing)] = self.bone
        return out


def _bone(
    voxels: Float32, body: npt.NDArray[np.bool_], dark: float, spacing: tuple[float, float, float]
) -> npt.NDArray[np.bool_]:
    """Voxels well below the dark threshold, deeper than the skin, and thicker than a fascia."""
    depth = ndimage.distance_transform_edt(body, sampling=spacing[::-1])
    found = body & (voxels < 0.6 * dark) & (depth > SKIN_MM)
    # fasciae and tendon sheets are as dark as cortical bone, but a pixel thick
    square = np.ones((1, 2, 2), dtype=bool)
    opened: npt.NDArray[np.bool_] = ndimage.binary_opening(found, square)
    return opened
