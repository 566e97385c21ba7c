"""What a lesion is placed into: the organ, its tissues and its depth, on the first image's grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.axes import toward_lps
from SynthCore.engine.role_checks import require_distinct, require_modality, require_role
from SynthCore.errors import InputError, RefusedError
from SynthCore.image import Image
from SynthCore.lesions.anatomy import brain_doubt
from SynthCore.lesions.grids import Grid, depth_in, grid_of
from SynthCore.lesions.organs import brain_ct, brain_mr, liver_from, lungs
from SynthCore.lesions.proportions import Proportions, fit_proportions
from SynthCore.lesions.tissue_classes import tissue_classes
from SynthCore.lesions.wish import LesionWish
from SynthCore.quality.grids import resample_to
from SynthCore.request import Progress, part_of
from SynthCore.tasks import MR_ROLES

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

VENTRICLE_DEPTH_MM = 22.0
"""Fluid deeper than this below the surface of the brain is in a ventricle, not in a sulcus."""

_LEAST_VENTRICLE_ML = 0.3


@dataclass(frozen=True)
class Scene:
    """An organ on a grid with axes toward superior, posterior and left.

    Attributes
    ----------
    organ : numpy.ndarray of bool
        [k, j, i].
    white, gray, fluid : numpy.ndarray
        float32, shares of a brain's voxels; empty shares for other organs.
    doubt : str
        That the image may show no brain, as a sentence; empty where nothing says so.
    """

    grid: Grid
    organ: Mask = field(repr=False)
    white: Floats = field(repr=False)
    gray: Floats = field(repr=False)
    fluid: Floats = field(repr=False)
    doubt: str = ""

    @cached_property
    def depth(self) -> Floats:
        """Distance from the organ's outline in mm, 0 outside; the image's ends are no outline."""
        padded = np.pad(self.organ, ((8, 8), (0, 0), (0, 0)), mode="edge")
        return depth_in(padded, self.grid.spacing)[8:-8]

    @cached_property
    def from_ventricle(self) -> Floats:
        """Distance from the ventricles in mm; far everywhere if none is seen."""
        deep = (self.fluid > 0.5) & (self.depth > VENTRICLE_DEPTH_MM)
        pieces, count = ndimage.label(deep)
        sizes = np.bincount(pieces.ravel(), minlength=count + 1) * self.grid.voxel_ml
        sizes[0] = 0
        ventricle = (sizes >= _LEAST_VENTRICLE_ML)[pieces]
        if not ventricle.any():
            return np.full(self.organ.shape, 1e3, dtype=np.float32)
        found = ndimage.distance_transform_edt(~ventricle, self.grid.spacing)
        return np.asarray(found, dtype=np.float32)

    @cached_property
    def proportions(self) -> Proportions:
        """The atlas laid into the brain.

        Raises
        ------
        RefusedError
            If the image cuts the brain off, but for its base.
        """
        # what both hemispheres share: their outline and their white matter
        bright = 0.4 * self.organ + 0.6 * self.white
        return fit_proportions(self.organ, bright.astype(np.float32), self.grid)

    @cached_property
    def coordinates(self) -> Floats:
        """Of every voxel [k, j, i, 3] in mm of the atlas: right, front, up."""
        return self.proportions.coordinates(self.grid.points())

    @property
    def organ_ml(self) -> float:
        """Volume of the organ that is in the image."""
        return float(self.organ.sum()) * self.grid.voxel_ml

    def smooth(self, values: Floats | Mask, mm: float) -> Floats:
        """Values with a Gaussian of that width."""
        sigma = [mm / s for s in self.grid.spacing]
        return np.asarray(ndimage.gaussian_filter(values.astype(np.float32), sigma))


def require_held(grid: Grid, at: Sequence[float]) -> None:
    """Refuse a point (LPS mm) outside of the image.

    Raises
    ------
    RefusedError
        In one sentence.
    """
    if not grid.holds(at):
        told = ", ".join(f"{v:.0f}" for v in at)
        low, high = grid.ends
        spans = ", ".join(f"{a:.0f} to {b:.0f}" for a, b in zip(low, high, strict=True))
        raise RefusedError(
            f"The point {told} lies outside of the image; name one in LPS mm within it ({spans}; "
            "the first two of RAS, as Slicer shows it, have the other sign)."
        )


def make_scene(
    images: Mapping[str, Image],
    wish: LesionWish,
    organ: Image | None = None,
    progress: Progress | None = None,
) -> Scene:
    """Find the organ of a wish in the images.

    Parameters
    ----------
    images : mapping
        By role; the first gives the grid.
    wish : LesionWish
        Its kind names the organ.
    organ : Image, optional
        A mask of it, on any grid.
    progress : callable, optional
        Told the fraction done and the stage, between all steps that take long.

    Raises
    ------
    InputError
        If a role cannot show such a lesion, two roles have one image, or the images do not overlap.
    RefusedError
        If an image cannot play its role, the point lies outside, or the organ is not found.
    """
    if not images:
        raise InputError("There is no image to place a lesion in: add --input ROLE=PATH.")
    for role in images:
        if role not in wish.what.roles:
            raise InputError(
                f"The kind {wish.kind} is not placed in {role}, only in "
                f"{', '.join(wish.what.roles)}."
            )
    require_distinct({role: image.sha256() for role, image in images.items()})
    for role, image in images.items():
        # a piece of CT may show air alone
        require = require_role if role in MR_ROLES else require_modality
        require(role, image, "Nothing was placed.")
    tell, stage = part_of(progress, 0.0, 1.0), f"find the {wish.what.organ}"
    tell(0.0, stage)
    first_role, first = next(iter(images.items()))
    turned = toward_lps(first)[0]
    grid = grid_of(turned)
    if wish.at is not None:
        require_held(grid, wish.at)
    doubt = ""
    if organ is not None:
        mask = np.asarray(resample_to(organ.with_voxels(organ.voxels != 0), turned)[0].voxels > 0.5)
        if not mask.any():
            raise RefusedError("The mask of the organ does not lie in the image; draw it there.")
    elif wish.what.organ == "brain":
        doubt = brain_doubt(first_role, turned)
        mask = brain_ct(turned) if first_role == "CT" else brain_mr(turned)
    elif wish.what.organ == "lung":
        mask = lungs(turned)
    elif wish.at is None:
        raise InputError(
            "The liver is found from a point in it: name one, or give a mask of the liver."
        )
    else:
        mask = liver_from(turned, wish.at)
    if wish.what.organ != "brain":
        tell(1.0, stage)
        none = np.zeros(mask.shape, dtype=np.float32)
        return Scene(grid, mask, none, none, none)
    channels = {first_role: turned.voxels.astype(np.float32)}
    for n, (role, image) in enumerate(images.items()):
        tell(0.3 + 0.2 * n / len(images), stage)
        if role == first_role:
            continue
        moved, seen = resample_to(image, turned)
        if not (seen & mask).any():
            raise InputError(
                f"The {role} image does not overlap the {first_role} image in the patient's "
                "space; check that both are of one frame of reference."
            )
        if (seen & mask).sum() > 0.9 * mask.sum():
            channels[role] = moved.voxels
    rest = part_of(lambda fraction, _: tell(fraction, "tell its tissues apart"), 0.5, 1.0)
    return Scene(grid, mask, *tissue_classes(channels, mask, grid.spacing, rest), doubt)
