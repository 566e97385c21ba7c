"""What simple CTs of the same patient would have given: they stand beside, and are not judged.

A synthetic CT that is no better than all water, or than four bulk densities, was not worth its
model. All water passes photon gamma more often than one would think; that is why it is shown.

All water and the densities of the real CT end where the real body ends: of their outline nothing
is told. The densities of the MR have the MR's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.models.classical.bulk_density import BulkDensity
from SynthCore.planning.bulk_check import bulk_density_ct
from SynthCore.planning.finding import Finding
from SynthCore.quality.ct_numbers import TISSUES, in_tissue

Mask = npt.NDArray[np.bool_]

WATER_HU, AIR_HU = 0.0, -1000.0
WATER = "all water"
BULK_OF_MR = "bulk density of the MR"
BULK_OF_CT = "bulk density of the real CT"
OF_OUTLINE = ("body_dice", "body_distance", "body_distance_95", "body_outward", "body_moved")
"""Findings that tell of the outline alone."""


def comparator_images(
    reference: Image, body: Mask, mr: Image | None, seen: Mask
) -> Mapping[str, Image]:
    """Comparators by name, HU on the reference's grid.

    Parameters
    ----------
    reference : Image
        The real CT, HU.
    body : numpy.ndarray of bool
        [k, j, i] of the real CT.
    mr : Image, optional
        On the same grid. Its classes make the bulk-density CT; without one the real CT's do, the
        best that four densities can be.
    seen : numpy.ndarray of bool
        [k, j, i]: where the real CT has a value; air elsewhere.
    """

    def within(hu: npt.NDArray[np.floating], mask: Mask) -> Image:
        return reference.with_voxels(np.where(mask, hu, AIR_HU).astype(np.float32))

    water = within(np.full(reference.shape, WATER_HU), body)
    if mr is not None:
        return {WATER: water, BULK_OF_MR: within(bulk_density_ct(mr).voxels, seen)}
    return {WATER: water, BULK_OF_CT: within(bulk_classes(reference.voxels), body)}


def told_of(name: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings of a comparator that say something: none of an outline it was given."""
    if name == BULK_OF_MR:
        return tuple(findings)
    return tuple(f for f in findings if f.id not in OF_OUTLINE)


def bulk_classes(hu: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """One CT number for each tissue of `SynthCore.quality.ct_numbers`, any shape."""
    bulk = BulkDensity()
    numbers = {"air": bulk.air, "fat": bulk.fat, "soft_tissue": bulk.soft, "bone": bulk.bone}
    made = np.full(hu.shape, bulk.soft, dtype=np.float32)
    for tissue in TISSUES:
        made[in_tissue(hu, tissue)] = numbers[tissue.name]
    return made
