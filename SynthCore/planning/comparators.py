"""What simple CTs of the same patient would have given: they stand beside, and are not judged.

A synthetic CT that is no better than all water, or than four bulk densities, was not worth its
model. All water passes photon gamma more often than one would think; that is why it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.models.classical.bulk_density import BulkDensity
from SynthCore.planning.bulk_check import bulk_density_ct
from SynthCore.quality.ct_numbers import TISSUES, in_tissue

Mask = npt.NDArray[np.bool_]

WATER_HU, AIR_HU = 0.0, -1000.0
WATER = "all water"
BULK_OF_MR = "bulk density of the MR"
BULK_OF_CT = "bulk density of the real CT"


def comparator_images(reference: Image, body: Mask, mr: Image | None) -> Mapping[str, Image]:
    """Comparators by name, HU on the reference's grid, air outside the real body.

    Parameters
    ----------
    reference : Image
        The real CT, HU.
    body : numpy.ndarray of bool
        [k, j, i] of the real CT.
    mr : Image, optional
        On the same grid. Its classes make the bulk-density CT; without one the real CT's do, the
        best that four densities can be.
    """

    def within(hu: npt.NDArray[np.floating]) -> Image:
        return reference.with_voxels(np.where(body, hu, AIR_HU).astype(np.float32))

    water = within(np.full(reference.shape, WATER_HU))
    if mr is not None:
        made = bulk_density_ct(mr).voxels
        # where the MR's outline ends within the body, flesh is the likelier guess than air
        soft = BulkDensity().soft
        return {WATER: water, BULK_OF_MR: within(np.where(made <= AIR_HU, soft, made))}
    return {WATER: water, BULK_OF_CT: within(bulk_classes(reference.voxels))}


def bulk_classes(hu: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """One CT number for each tissue of `SynthCore.quality.ct_numbers`, any shape."""
    bulk = BulkDensity()
    numbers = {"air": bulk.air, "fat": bulk.fat, "soft_tissue": bulk.soft, "bone": bulk.bone}
    made = np.full(hu.shape, bulk.soft, dtype=np.float32)
    for tissue in TISSUES:
        made[in_tissue(hu, tissue)] = numbers[tissue.name]
    return made
