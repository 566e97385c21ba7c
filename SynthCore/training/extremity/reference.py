"""The validation patients' CTs on their MRs: what a synthetic CT is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.quality.masks import tissue_of_both
from SynthCore.training.deformable import deform_by_mutual_information
from SynthCore.training.pairs import Pair, ct_body, read_pair
from SynthCore.training.placement import Placement, register
from SynthCore.training.registration import interior

REGISTRATIONS = {
    "deformable": "CT registered rigidly, then with a smooth field, by mutual information and the "
    "dark of bone in MR",
    "rigid": "CT registered rigidly by mutual information",
}
"""How the reference CT is brought onto the MR; no network has a say in either.

A limb lies differently on the CT couch than in the coil: a rigid move leaves flesh millimeters out
of place, and charges that to the model. A field may hide an error of the model that looks like a
move. So both are always shown."""


@dataclass(frozen=True)
class Reference:
    """One patient's MR, registered CT and masks."""

    pair: Pair
    registration: str
    ct: Image
    mask: npt.NDArray[np.bool_]
    mask_3d: npt.NDArray[np.bool_]
    body: npt.NDArray[np.bool_]


@cache
def placement(data: Path, patient: str, registration: str) -> Placement:
    """Where a patient's CT lies on the MR; the rigid part of both registrations is one."""
    pair = read_pair(data, patient)
    if registration == "rigid":
        return register(pair.mr, pair.ct, deformable=False)
    rigid = placement(data, patient, "rigid").rigid
    return Placement(rigid, deform_by_mutual_information(pair.mr, pair.ct, rigid))


@cache
def reference(data: Path, patient: str, registration: str = "rigid") -> Reference:
    """Read a patient, register the CT to the MR by mutual information, find the masks."""
    pair = read_pair(data, patient)
    place = placement(data, patient, registration)
    ct, seen = place.place(pair.mr, pair.ct), place.covers(pair.mr, pair.ct)
    mask = tissue_of_both(pair.mr.voxels, ct.voxels) & seen
    whole = tissue_of_both(pair.mr.voxels, ct.voxels, erosion=0)
    mask_3d = ndimage.binary_erosion(whole, iterations=2) & seen
    body = ct_body(ct.voxels) & interior(pair.mr, erode=0, past_edge=True) & seen
    return Reference(pair, registration, ct, mask, mask_3d, body)
