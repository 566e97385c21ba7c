"""A lesion that was placed, and what is known about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydicom.uid import generate_uid
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.lesions.wish import LesionWish, Point


@dataclass(frozen=True)
class Placed:
    """Images with a lesion, and the truth about it.

    Attributes
    ----------
    images : dict
        By role, each on its own grid; float32. Voxels the lesion does not reach are as given.
    mask : Image
        uint8 on the first image's grid: 1 in the lesion, without the edema around it.
    parts : Image
        uint8 on the same grid: 0, or a key of `part_names`; edema included.
    part_names : dict
        Name of every label of `parts`.
    wish : LesionWish
        What was asked.
    volume_ml : float
        Of the mask.
    center_lps : tuple of float
        Centroid of the mask, mm.
    facts : mapping
        JSON-ready, for a record: place, volumes by part, levels, displacement, what was assumed.
    warnings : tuple of str
        For a person.
    uid : str
        Of the lesion, the same at all dates: DICOM's Tracking UID.
    """

    images: dict[str, Image]
    mask: Image
    parts: Image
    part_names: dict[int, str]
    wish: LesionWish
    volume_ml: float
    center_lps: Point
    facts: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    uid: str = field(default_factory=lambda: str(generate_uid()))

    @property
    def places(self) -> int:
        """How many separate pieces the mask has, corners touching counted as one."""
        return int(ndimage.label(self.mask.voxels, np.ones((3, 3, 3)))[1])
