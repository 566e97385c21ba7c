"""The real heads: which files, and where in them tissue is healthy.

What is to be learned is healthy tissue, so lesions are never hidden and filled: they are left out
by their masks, by balls around those that have none (seen by eye), and by a rule for what is bright
in FLAIR.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.axes import toward_lps
from SynthCore.engine.grid import resample
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.models.normalize import foreground
from SynthCore.physics.generator.distances import largest_part
from SynthCore.quality.morphology import fill_slices

Mask = npt.NDArray[np.bool_]

SKULL_MM = 20.0
"""Scalp, skull and the fluid under it are thinner than this."""

CEREBRUM_MM = 85.0
"""From the top of a head down to the level of the eyes."""

BRIGHT = 3.0
"""A lesion in FLAIR is so many standard deviations (from the median absolute one) above the brain's
median."""

LEAST_LESION_MM3 = 30.0


@dataclass(frozen=True)
class Head:
    """One real image.

    Attributes
    ----------
    patient : str
        Identifier; splits are by it.
    role : str
        Sequence.
    path : str
        In the folder of real images.
    stripped : bool
        Whether it shows the brain alone.
    lesion : str
        Label map of lesions, where there is one: all that is not 0.
    margin_mm : float
        Left out around lesions.
    balls : tuple
        Lesions without a mask: place in mm from the first voxel along (k, j, i), axes toward
        superior, posterior, left; and radius in mm.
    flair : str
        Image of the same study in which what is bright is left out.
    """

    patient: str
    role: str
    path: str
    stripped: bool = True
    lesion: str = ""
    margin_mm: float = 2.0
    balls: tuple[tuple[float, float, float, float], ...] = ()
    flair: str = ""


def _multicontrast() -> list[Head]:
    found = []
    for number in ("07", "26"):
        folder = f"mr_multicontrast/open_ms_cross_patient{number}"
        for role in ("T1", "T1c", "T2", "FLAIR"):
            found.append(
                Head(f"open_ms_cross_patient{number}", role, f"{folder}/{role}.nii.gz",
                     lesion=f"{folder}/lesion_mask.nii.gz", flair=f"{folder}/FLAIR.nii.gz")
            )  # fmt: skip
    for role in ("T1", "T1c", "T2", "FLAIR"):
        found.append(
            Head("brainlesion_AURORA", role,
                 f"mr_multicontrast/brainlesion_AURORA/{role.lower()}.nii.gz",
                 balls=((88.0, 162.0, 152.0, 50.0),),
                 flair="mr_multicontrast/brainlesion_AURORA/flair.nii.gz")
        )  # fmt: skip
        found.append(
            Head("TCGA-FG-6692", role, f"tumour/TCGA-FG-6692_brats/{role.lower()}.nii.gz",
                 lesion="tumour/TCGA-FG-6692_brats/seg_fused_simple.nii.gz", margin_mm=4.0)
        )  # fmt: skip
    for role in ("T1", "T2", "FLAIR"):
        found.append(
            Head("cstar_stroke", role, f"mr_multicontrast/cstar_stroke/{role}.nii.gz",
                 balls=((72.0, 95.0, 95.0, 42.0),),
                 flair="mr_multicontrast/cstar_stroke/FLAIR.nii.gz")
        )  # fmt: skip
    return found


def _with_skull() -> list[Head]:
    found = []
    for study in ("01_study1", "01_study2", "03_study2", "04_study1"):
        folder = f"mr_multicontrast/open_ms_long_patient{study}"
        for role, name in (("T1", "T1W"), ("T2", "T2W"), ("FLAIR", "FLAIR")):
            found.append(
                Head(f"open_ms_long_patient{study[:2]}", role, f"{folder}/{name}.nii.gz",
                     stripped=False, flair=f"{folder}/FLAIR.nii.gz")
            )  # fmt: skip
    for number in (1, 2):
        stem = f"tumour/pyradiomics/brain{number}"
        found.append(
            Head(f"pyradiomics_brain{number}", "T1c", f"{stem}_image.nrrd", stripped=False,
                 lesion=f"{stem}_label.nrrd", margin_mm=12.0)
        )  # fmt: skip
    return found


HEADS: tuple[Head, ...] = (*_multicontrast(), *_with_skull())
"""Every real head; DICOM archives are not among them."""


def list_heads(data: Path) -> list[Head]:
    """Those whose files are in the folder of real images."""
    return [h for h in HEADS if (data / h.path).is_file()]


def read_head(data: Path, head: Head) -> Image:
    """The image with its axes toward left, posterior, superior."""
    return toward_lps(read(data / head.path, modality=head.role))[0]


def brain_of(image: Image, stripped: bool) -> Mask:
    """Where the brain is, [k, j, i]: all that a brain shows, or what lies deep in a head."""
    spacing = image.spacing[::-1]
    seen = image.voxels > 0 if stripped else foreground(image.voxels)
    if stripped:
        seen = ndimage.binary_opening(seen, np.ones((1, 3, 3)))
    seen = largest_part(seen)
    filled = fill_slices(ndimage.binary_closing(seen)) | seen
    if stripped:
        return filled
    # the first and last slices are not the head's surface
    padded = np.pad(filled, ((2, 2), (0, 0), (0, 0)), mode="edge")
    depth = ndimage.distance_transform_edt(padded, spacing)[2:-2]
    area = filled.sum(axis=(1, 2)) * spacing[1] * spacing[2]
    top = int(np.flatnonzero(area > 500).max(initial=0))
    level = (top - np.arange(filled.shape[0])) * spacing[0]
    deep: Mask = (depth > SKULL_MM) & (level <= CEREBRUM_MM)[:, None, None]
    return deep


def lesions_of(data: Path, head: Head, image: Image, brain: Mask) -> Mask:
    """What is left out, [k, j, i] on the image's grid."""
    spacing = image.spacing[::-1]
    out = np.zeros(image.shape, dtype=np.bool_)
    if head.lesion:
        out |= onto(toward_lps(read(data / head.lesion))[0], image) > 0.3
    for k, j, i, radius in head.balls:
        places = np.indices(image.shape).astype(np.float32)
        squares = sum(
            ((p * s - c) / radius) ** 2 for p, s, c in zip(places, spacing, (k, j, i), strict=True)
        )
        out |= np.asarray(squares < 1)
    if head.flair:
        flair = toward_lps(read(data / head.flair))[0]
        out |= onto(flair.with_voxels(_bright(flair, head.stripped)), image) > 0.3
    reach = head.margin_mm
    away = ndimage.distance_transform_edt(~out, spacing) if out.any() else np.full(out.shape, 1e3)
    return np.asarray(away <= reach)


def onto(moving: Image, image: Image) -> npt.NDArray[np.float32]:
    """Voxels of one image on the grid of another, linearly; they share one patient space."""
    voxels = np.asarray(moving.voxels != 0, dtype=np.float32)
    if moving.same_grid(image):
        return voxels
    return resample(voxels, moving.affine, image.shape, image.affine)


def _bright(flair: Image, stripped: bool) -> npt.NDArray[np.uint8]:
    """Spots that are brighter in FLAIR than the brain is."""
    brain = brain_of(flair, stripped)
    # the brain's own edge is bright where fluid is thin; lesions of interest lie deeper
    deep = ndimage.binary_erosion(brain, np.ones((1, 3, 3)), iterations=3 if stripped else 1)
    smooth = ndimage.gaussian_filter(
        flair.voxels.astype(np.float32), [0.7 / s for s in flair.spacing[::-1]]
    )
    values = smooth[deep] if deep.any() else smooth.ravel()
    middle = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - middle)))
    spots, count = ndimage.label(deep & (smooth > middle + BRIGHT * spread))
    least = LEAST_LESION_MM3 / float(np.prod(flair.spacing))
    sizes = np.bincount(spots.ravel(), minlength=count + 1)
    sizes[0] = 0
    found: npt.NDArray[np.uint8] = (sizes >= least)[spots].astype(np.uint8)
    return found


def patients(heads: Sequence[Head]) -> list[str]:
    """Everyone, once."""
    return sorted({head.patient for head in heads})
