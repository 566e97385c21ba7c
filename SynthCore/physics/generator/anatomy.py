"""A label map made ready: what is computed once for each, and read for every person drawn from it.

Distances are kept as bytes (half or quarter millimeters), so that twenty heads fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor

from SynthCore.errors import InputError
from SynthCore.physics.generator import labels as names
from SynthCore.physics.generator.distances import (
    Triple,
    as_bytes,
    crop_to,
    depth_under_skin,
    largest_part,
    odd,
    signed_distance,
)
from SynthCore.physics.generator.landmarks import (
    dural_sinuses,
    find_ears,
    find_eyes,
    lesion_places,
    middle_of,
    vault_level,
)

DEPTH_STEP = 0.5
SKULL_STEP = 0.25
"""mm of one unit of `Anatomy.depth`, and of `Anatomy.outer` and `Anatomy.inner`."""


@dataclass(frozen=True)
class Anatomy:
    """A label map cropped to the body, axes (k, j, i) toward superior, posterior, left.

    Attributes
    ----------
    spacing : tuple of float
        mm along (k, j, i).
    codes : Tensor
        uint8 [k, j, i], `labels.CODES`.
    depth : Tensor
        int8, depth under the skin in `DEPTH_STEP`, negative outside.
    outer : Tensor
        int8, depth under the surface of bone and what it encloses in `SKULL_STEP`, negative
        outside.
    inner : Tensor
        int8, distance from the cavity of skull and spine in `SKULL_STEP`, negative inside.
    air : Tensor
        uint8, share of air and nasal cavity within 3 mm, 255 for all; inside the body only.
    origin : tuple of int
        Voxel of the whole label map at which the crop begins.
    center : tuple of float
        Middle of the cerebrum, crop voxels.
    eyes : tuple
        Centers of the eyeballs, crop voxels.
    ears : tuple
        About the middle of the two temporal bones, crop voxels.
    vault : float
        Level (crop voxel along k) above which the skull is a shell.
    white, periventricular, cortical : Tensor
        int16 [n, 3], crop voxels that lesions start from.
    """

    spacing: Triple
    codes: Tensor
    depth: Tensor
    outer: Tensor
    inner: Tensor
    air: Tensor
    origin: tuple[int, int, int]
    center: Triple
    eyes: tuple[Triple, ...]
    ears: tuple[Triple, ...]
    vault: float
    white: Tensor
    periventricular: Tensor
    cortical: Tensor

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along (k, j, i)."""
        k, j, i = self.codes.shape
        return k, j, i

    @property
    def extent_mm(self) -> Triple:
        """From the center of the first voxel to that of the last."""
        k, j, i = ((n - 1) * s for n, s in zip(self.shape, self.spacing, strict=True))
        return k, j, i

    def to(self, device: torch.device | str) -> Anatomy:
        """The same on another device."""
        moved = {n: v.to(device) for n, v in vars(self).items() if isinstance(v, Tensor)}
        return replace(self, **moved)  # type: ignore[arg-type]


def read_anatomy(labels: Tensor, spacing: Triple = (1.0, 1.0, 1.0)) -> Anatomy:
    """Make a label map ready; some seconds for a whole head.

    Parameters
    ----------
    labels : Tensor
        int16 [k, j, i], numbers of `labels`, axes toward superior, posterior, left.
    spacing : tuple of float
        mm along (k, j, i).

    Raises
    ------
    InputError
        If there is no body in it, or it is a single slice.
    """
    device = labels.device
    whole = labels.cpu().numpy()
    body = largest_part(whole > 0)
    if not body.any():
        raise InputError("The label map holds no body: every label is 0.")
    crop, origin = crop_to(body, spacing)
    voxels, body = np.where(body, whole, 0)[crop], body[crop]
    if min(voxels.shape) < 2:
        raise InputError("The label map is a single slice; give one of a whole head.")
    cavity = largest_part(np.isin(voxels, names.CAVITY) | dural_sinuses(voxels))
    bone = np.isin(voxels, names.BONE)
    enclosed = bone | cavity
    outer = signed_distance(enclosed, spacing)
    inner = -signed_distance(cavity, spacing)
    depth, inside = depth_under_skin(body, spacing)
    hollow = inside & ((voxels == 0) | (voxels == names.MIXED["nasal"]))
    air = ndimage.uniform_filter(hollow.astype(np.float32), [odd(5.0 / s) for s in spacing])
    center = middle_of(np.isin(voxels, names.CEREBRUM), voxels.shape)
    places = lesion_places(voxels, spacing)

    def tensor(array: npt.NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(device)

    return Anatomy(
        spacing,
        tensor(names.code_table()[np.clip(voxels, 0, 1023)]),
        tensor(as_bytes(depth, DEPTH_STEP)),
        tensor(as_bytes(outer, SKULL_STEP)),
        tensor(as_bytes(inner, SKULL_STEP)),
        tensor((255 * air * inside).astype(np.uint8)),
        origin,
        center,
        find_eyes(voxels, spacing),
        find_ears(voxels, spacing),
        vault_level(voxels, center, spacing),
        *(tensor(p) for p in places),
    )
