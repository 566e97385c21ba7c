"""Real studies: several sequences of one patient on one grid, scaled as the network makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.models.normalize import Normalization, scale_of
from SynthCore.physics.generator.distances import largest_part
from SynthCore.training.sequence.register import onto_first

ROLES = ("T1", "T1c", "T2", "FLAIR", "PD")
"""Sequences, in the order of the network's channels and outputs."""

NORMALIZATION = Normalization("percentile", percentile=90.0, low=0.0, high=4.0)
"""Of every input. The 90th percentile of the foreground is brain, or fat where the scalp is shown;
a lesion or a vessel does not move it, as it moves the 99.5th."""

TOP_PERCENTILE = 99.5
"""Of the brain: 1 in the network's output."""

STRETCHED_ABOVE = 98.0
"""In percent: vessels and whatever else is brighter than nearly all of the brain."""

STRETCHED_OUTSIDE_MM = {"T1c": 3.0, "FLAIR": 3.0}
"""Where bright is read as enhancement or as a lesion, so near to the surface alone: among the
vessels around the brain."""

QUANTILES = np.concatenate([[0.0, 0.2, 0.5], np.linspace(1, 99, 50), [99.5, 99.8, 100.0]])
"""In percent: what is kept of a brain's histogram."""

Float16 = npt.NDArray[np.float16]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Place:
    """Where a study lies below the folder of images.

    Attributes
    ----------
    patient : str
        Identifier; splits are by it.
    folder : str
        Below the folder of images.
    files : tuple of tuple
        Role and file name.
    lesion : str
        File name of a lesion mask, or empty.
    skull : bool
        Whether the head is shown, and sequences lie on grids of their own.
    aligned : bool
        Whether the sequences of one grid lie on each other; else they are registered first.
    share : float
        How often it is drawn, beside others with as many sequences.
    """

    patient: str
    folder: str
    files: tuple[tuple[str, str], ...]
    lesion: str = ""
    skull: bool = False
    aligned: bool = True
    share: float = 1.0


_FOUR = tuple((role, f"{role}.nii.gz") for role in ROLES[:4])
_BRATS = tuple((role, f"{role.lower()}.nii.gz") for role in ROLES[:4])
_MS = (("T1", "T1W.nii.gz"), ("T2", "T2W.nii.gz"), ("FLAIR", "FLAIR.nii.gz"))
_MULTI = "mr_multicontrast/"

PLACES = (
    Place("patient07", _MULTI + "open_ms_cross_patient07", _FOUR, "lesion_mask.nii.gz"),
    Place("patient26", _MULTI + "open_ms_cross_patient26", _FOUR, "lesion_mask.nii.gz"),
    # both were interpolated from thick slices, and three sequences of AURORA lie up to 2 voxels
    # beside T1c: drawn as often as the others, each makes every patient's result as blurred as its
    # own are (T1, left out, from three sequences: SSIM of patient26 0.84 instead of 0.88 with
    # AURORA, of patient07 0.86 instead of 0.88 with TCGA-FG-6692)
    Place("AURORA", _MULTI + "brainlesion_AURORA", _BRATS, aligned=False, share=0.03),
    Place(
        "TCGA-FG-6692", "tumour/TCGA-FG-6692_brats", _BRATS, "seg_fused_simple.nii.gz", share=0.1
    ),
    Place("cstar-stroke", _MULTI + "cstar_stroke", (_FOUR[0], *_FOUR[2:])),
    Place("long01", _MULTI + "open_ms_long_patient01_study1", _MS, skull=True),
    Place("long01", _MULTI + "open_ms_long_patient01_study2", _MS, skull=True),
    Place("long03", _MULTI + "open_ms_long_patient03_study2", _MS, skull=True),
    Place("long04", _MULTI + "open_ms_long_patient04_study1", _MS, skull=True),
)
"""Every real study there is."""


@dataclass(frozen=True)
class Study:
    """One patient's sequences, axes toward (superior, posterior, left), about 1 mm in the plane.

    Attributes
    ----------
    patient : str
        Identifier in the data set.
    roles : tuple of str
        Sequences there are.
    voxels : numpy.ndarray
        float16 [role, k, j, i]; 1 is the 99.5th percentile in the brain.
    brain : numpy.ndarray of bool
        [k, j, i]; with skull, what lies deep in the upper head.
    seen : numpy.ndarray of bool
        [k, j, i], where all sequences reach; without skull, where none was cut away.
    lesion : numpy.ndarray of bool
        [k, j, i].
    spacing : tuple of float
        mm along (k, j, i).
    divisors : numpy.ndarray
        [role], what `NORMALIZATION` divides these voxels by.
    quantiles : numpy.ndarray
        [role, q], of the brain at `QUANTILES`.
    skull : bool
        Whether the head is shown around the brain.
    generated : bool
        Whether it is a part of a generated head: its `quantiles` say little.
    share : float
        As of its `Place`.
    """

    patient: str
    roles: tuple[str, ...]
    voxels: Float16 = field(repr=False)
    brain: Bools = field(repr=False)
    seen: Bools = field(repr=False)
    lesion: Bools = field(repr=False)
    spacing: tuple[float, float, float]
    divisors: npt.NDArray[np.float32] = field(repr=False)
    quantiles: npt.NDArray[np.float32] = field(repr=False)
    skull: bool = False
    generated: bool = False
    share: float = 1.0


def patients() -> list[str]:
    """Identifiers of everyone in `PLACES`."""
    return list(dict.fromkeys(place.patient for place in PLACES))


def read_studies(data: Path, without: Sequence[str] = (), cache: Path | None = None) -> list[Study]:
    """Read every study but those of some patients; `cache` keeps how sequences were registered.

    Raises
    ------
    InputError
        If the images are not there.
    """
    return [read_study(data, place, cache) for place in PLACES if place.patient not in without]


def read_study(data: Path, place: Place, cache: Path | None = None) -> Study:
    """Read one study, bring its sequences onto one grid and scale them.

    Raises
    ------
    InputError
        If a file is not there.
    """
    folder = data / place.folder
    images = []
    for _, name in place.files:
        if not (folder / name).exists():
            raise InputError(
                f"There is no {place.folder}/{name} in the data folder; name the one that holds it."
            )
        images.append(sitk.DICOMOrient(sitk.ReadImage(str(folder / name), sitk.sitkFloat32), "LPS"))
    seen = None
    if place.skull or not place.aligned:
        kept = None if cache is None else cache / f"{Path(place.folder).name}-rigid.npz"
        images, seen = onto_first(images, kept, stripped=not place.skull)
    raw = np.stack([np.maximum(sitk.GetArrayFromImage(image), 0) for image in images])
    brain = deep(raw) if place.skull else filled_union(raw)
    lesion = np.zeros(brain.shape, dtype=bool)
    if place.lesion:
        mask = sitk.DICOMOrient(sitk.ReadImage(str(folder / place.lesion)), "LPS")
        lesion = (sitk.GetArrayFromImage(mask) > 0) & brain
    elif place.patient == "AURORA":
        lesion = bright_and_cystic(raw, brain)
    i, j, k = images[0].GetSpacing()
    return make_study(
        place.patient, [role for role, _ in place.files], raw, brain, lesion, (k, j, i),
        skull=place.skull, seen=seen if place.skull else shown(raw), share=place.share,
    )  # fmt: skip


def make_study(
    patient: str,
    roles: Sequence[str],
    raw: npt.NDArray[np.float32],
    brain: Bools,
    lesion: Bools,
    spacing: tuple[float, float, float],
    *,
    skull: bool = False,
    seen: Bools | None = None,
    share: float = 1.0,
) -> Study:
    """Scale sequences [role, k, j, i] on one grid; without skull they are 0 outside the brain."""
    inside = raw if skull else raw * brain
    tops = np.array([np.percentile(one[brain], TOP_PERCENTILE) for one in inside], dtype=np.float32)
    divisors = np.array([scale_of(one, NORMALIZATION) for one in inside], dtype=np.float32) / tops
    scaled = inside / tops[:, None, None, None]
    quantiles = np.stack([np.percentile(one[brain], QUANTILES) for one in scaled])
    box = _box(brain if not skull else np.ones_like(brain))
    everywhere = np.ones_like(brain) if seen is None else seen
    return Study(
        patient,
        tuple(roles),
        np.clip(scaled[(slice(None), *box)], 0, 6).astype(np.float16),
        brain[box],
        everywhere[box],
        lesion[box],
        spacing,
        divisors,
        quantiles.astype(np.float32),
        skull,
        share=share,
    )


def filled_union(raw: npt.NDArray[np.float32]) -> Bools:
    """What any sequence [role, k, j, i] shows, holes filled: the brain of a stripped study."""
    filled: Bools = ndimage.binary_fill_holes((raw > 0).any(axis=0))
    return filled


def shown(raw: npt.NDArray[np.float32]) -> Bools:
    """Where every sequence [role, k, j, i] shows something, holes filled.

    Brains were cut out of each sequence by itself: at the rim some show nothing, and nothing can be
    learned there.
    """
    found: Bools = np.logical_and.reduce([ndimage.binary_fill_holes(one > 0) for one in raw])
    return found


def deep(raw: npt.NDArray[np.float32]) -> Bools:
    """Mostly brain, where the head is shown: the upper head, two fifths of its depth inwards."""
    head = np.stack(
        [ndimage.binary_fill_holes(one > 0.1 * np.percentile(one, 99)) for one in raw.mean(axis=0)]
    )
    away = np.stack([ndimage.distance_transform_edt(slice_) for slice_ in head])
    found: Bools = away > 0.4 * np.maximum(away.max(axis=(1, 2), keepdims=True), 1)
    found[: raw.shape[1] // 2] = False
    return found


def bright_and_cystic(raw: npt.NDArray[np.float32], brain: Bools) -> Bools:
    """A large lesion without a mask: bright in FLAIR (fourth), and the cyst that touches it.

    Chosen by eye for one patient; a rough mask to weight and to look at, not a reference.
    """
    t2, flair = (one / np.percentile(one[brain], TOP_PERCENTILE) for one in raw[2:4])
    smooth = ndimage.gaussian_filter(flair, 1.0)
    inner = ndimage.binary_erosion(brain, iterations=3)
    suspect = inner & ((smooth > 0.76) | ((t2 > 0.6) & (smooth > 0.38)))
    largest = largest_part(ndimage.binary_opening(suspect, iterations=2))
    if not largest.any():
        return np.zeros_like(brain)
    found: Bools = ndimage.binary_fill_holes(ndimage.binary_dilation(largest, iterations=2))
    return found & brain


def _box(mask: Bools) -> tuple[slice, ...]:
    box = []
    for axis in range(3):
        found = np.flatnonzero(mask.any(axis=tuple(n for n in range(3) if n != axis)))
        box.append(slice(max(0, int(found[0]) - 4), int(found[-1]) + 5))
    return tuple(box)
