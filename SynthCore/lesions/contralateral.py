"""Detail of healthy tissue from the other hemisphere, for a fill that is too smooth.

A network that fills a region gives the mean of what may be there: without folds, and with less
spread than tissue has. The same place in the other hemisphere has both, in every sequence alike.
The image is mirrored in the plane it is most symmetric about and brought onto itself (diffeomorphic
demons), and what is finer than `BROAD_MM` is taken from there; the level stays that of the fill.

Both hemispheres are alike and not the same (Toga and Thompson, Nat Rev Neurosci 2003;4:37): the
detail is likely and not the patient's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.itk import empty_itk, to_itk
from SynthCore.models.mirror import find_mirror

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

LEADS = ("T1", "T1c", "T2", "FLAIR", "PD", "DIR")
"""The first of these that is given is brought onto its mirror image; others follow it."""

BROAD_MM = 5.0
"""Standard deviation: what is broader is the fill's, what is finer the other hemisphere's."""
RISE_MM = 3.0
"""From the border, over which the detail comes in: next to real tissue the fill continues it."""
GRID_MM = 2.0
"""Of the grid that both hemispheres are brought together on: folds are wider."""
SWEEPS = 10
RING_MM = 25.0
"""Around the region, in which both hemispheres are compared."""
MOST_SPREADS = 4.0
"""Of the detail of like tissue around, with contrast agent: enhancing dura and vessels of the other
side lie elsewhere on this one, and look like a lesion."""
LEAST_ALIKE = 0.3
"""Correlation of both hemispheres' detail around the region, below which nothing is taken."""


@dataclass(frozen=True)
class Contralateral:
    """How a place in the image is found in the other hemisphere.

    Attributes
    ----------
    transform : SimpleITK.Transform
        Takes points (LPS mm) to those of the other hemisphere.
    lead : str
        Role of the image that it was found in.
    """

    transform: sitk.Transform
    lead: str


@dataclass(frozen=True)
class Details:
    """What is finer than `BROAD_MM`, [k, j, i].

    Attributes
    ----------
    both : numpy.ndarray of bool
        Where both hemispheres show tissue.
    here, there : numpy.ndarray
        float32: of the image, and of the other hemisphere.
    """

    both: Mask
    here: Floats
    there: Floats


def find_opposite(
    images: Mapping[str, Image],
    fills: Mapping[str, Floats],
    tell: Callable[[float], None] = lambda fraction: None,
) -> Contralateral | None:
    """Bring the brain onto its mirror image; None where no image shows a brain in MR.

    Parameters
    ----------
    images : mapping
        By role.
    fills : mapping
        Their voxels [k, j, i] with the region filled: a lesion would be taken for anatomy.
    tell : callable
        Told the fraction done, 0 to 1, every few sweeps; it may raise to cancel.
    """
    lead = next((role for role in LEADS if role in images), None)
    if lead is None:
        return None
    fixed = _coarse(fills[lead], images[lead])
    if min(fixed.GetSize()) < 8:
        return None
    flip = _reflection(fixed)
    tell(0.3)
    near = sitk.Resample(fixed, fixed, flip, sitk.sitkLinear, 0.0)
    field = _demons(fixed, near, tell)
    # ITK applies the last one first: the field, then the reflection
    return Contralateral(sitk.CompositeTransform([flip, field]), lead)


def find_details(image: Image, fill: Floats, opposite: Contralateral) -> Details:
    """Detail of an image, and that of the other hemisphere at the same places.

    Parameters
    ----------
    image : Image
        Gives the grid.
    fill : numpy.ndarray
        [k, j, i] with the region filled.
    opposite : Contralateral
        Of `find_opposite`.
    """
    own = to_itk(fill, image.affine)
    other = sitk.GetArrayFromImage(sitk.Resample(own, own, opposite.transform, sitk.sitkBSpline))
    least = float(fill.min())
    floor = least + 0.05 * (float(np.percentile(fill, 99.5)) - least)
    here, there = fill > floor, other > floor
    spacing = image.spacing[::-1]
    return Details(here & there, _fine(fill, here, spacing), _fine(other, there, spacing))


def how_alike(image: Image, details: Details, wide: Mask) -> float:
    """Correlation of both hemispheres' detail within `RING_MM` of a region [k, j, i]."""
    ring = details.both & _around(wide, image)
    return _correlation(details.here[ring], details.there[ring])


def take_detail(
    image: Image, fill: Floats, wide: Mask, details: Details, *, agent: bool = False
) -> Floats:
    """The fill with the other hemisphere's detail in the region.

    Parameters
    ----------
    image : Image
        Gives the grid.
    fill : numpy.ndarray
        [k, j, i] with the region filled.
    wide : numpy.ndarray of bool
        The region.
    details : Details
        Of `find_details`.
    agent : bool
        Whether a contrast agent makes vessels and dura bright.

    Returns
    -------
    numpy.ndarray
        float32 [k, j, i]; outside the region the fill as given.
    """
    both, fine_here, fine_there = details.both, details.here, details.there
    if agent:
        middle = float(np.median(fill[wide]))
        like = both & _around(wide, image) & (np.abs(fill - middle) < 0.35 * abs(middle))
        if like.any():
            usual = MOST_SPREADS * 1.4826 * float(np.median(np.abs(fine_here[like])))
            fine_there = np.minimum(fine_there, usual)
    inside = ndimage.distance_transform_edt(wide, image.spacing[::-1])
    weight = np.where(both & wide, np.clip(inside / RISE_MM, 0, 1), 0)
    return np.asarray(fill + weight * (fine_there - fine_here), dtype=np.float32)


def _around(wide: Mask, image: Image) -> Mask:
    away = ndimage.distance_transform_edt(~wide, image.spacing[::-1])
    return np.asarray((away > 0) & (away <= RING_MM))


def _fine(voxels: Floats, shown: Mask, spacing: tuple[float, ...]) -> Floats:
    """What is finer than `BROAD_MM`; the mean around counts only what is shown."""
    sigma = [BROAD_MM / step for step in spacing]
    weight = ndimage.gaussian_filter(shown.astype(np.float32), sigma)
    total = ndimage.gaussian_filter(np.where(shown, voxels, 0).astype(np.float32), sigma)
    return np.where(shown, voxels - total / np.maximum(weight, 1e-6), 0).astype(np.float32)


def _correlation(a: Floats, b: Floats) -> float:
    if a.size < 100 or not a.std() or not b.std():
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _coarse(voxels: Floats, image: Image) -> sitk.Image:
    """float32 on a grid of `GRID_MM` along the patient's axes, 1 at the 99th percentile."""
    smooth = ndimage.gaussian_filter(voxels, [0.4 * GRID_MM / s for s in image.spacing[::-1]])
    scaled = np.clip(smooth / max(float(np.percentile(smooth, 99)), 1e-6), 0, 1.5)
    counts = np.array(voxels.shape[::-1]) - 1
    corners = np.array(list(product(*((0, n) for n in counts)))) @ image.affine[:3, :3].T
    low, high = corners.min(axis=0), corners.max(axis=0)
    x, y, z = (int(n) for n in np.floor((high - low) / GRID_MM) + 1)
    place = np.diag([GRID_MM, GRID_MM, GRID_MM, 1.0])
    place[:3, 3] = image.affine[:3, 3] + low
    fine = to_itk(scaled.astype(np.float32), image.affine)
    return sitk.Resample(fine, empty_itk((z, y, x), place), sitk.Transform(), sitk.sitkLinear, 0.0)


def _reflection(image: sitk.Image) -> sitk.AffineTransform:
    """In the plane that an image on the patient's axes is most symmetric about."""
    voxels = sitk.GetArrayFromImage(image)
    plane = find_mirror(voxels, np.zeros(voxels.shape, dtype=bool), (GRID_MM, GRID_MM, GRID_MM))
    normal = np.array(plane.normal[::-1])
    away = plane.offset + float(normal @ np.array(image.GetOrigin()))
    flip = sitk.AffineTransform(3)
    flip.SetMatrix((np.eye(3) - 2 * np.outer(normal, normal)).ravel().tolist())
    flip.SetTranslation((2 * away * normal).tolist())
    return flip


def _demons(fixed: sitk.Image, moving: sitk.Image, tell: Callable[[float], None]) -> sitk.Transform:
    """Diffeomorphic demons (Vercauteren et al., NeuroImage 2009;45:S61), coarse to fine."""
    field: sitk.Image | None = None
    done = 0.3
    for shrink, sweeps in ((2, 40), (1, 30)):
        a, b = (sitk.BinShrink(one, [shrink] * 3) if shrink > 1 else one for one in (fixed, moving))
        demons = sitk.DiffeomorphicDemonsRegistrationFilter()
        demons.SetNumberOfIterations(SWEEPS)
        demons.SetStandardDeviations(1.5)
        for _ in range(0, sweeps, SWEEPS):  # a few at a time: a cancel is heard between
            start = field and sitk.Resample(field, a, sitk.Transform(), sitk.sitkLinear)
            field = demons.Execute(a, b, start) if start else demons.Execute(a, b)
            done += 0.02 if shrink > 1 else 0.19
            tell(min(done, 1.0))
    return sitk.DisplacementFieldTransform(sitk.Cast(field, sitk.sitkVectorFloat64))
