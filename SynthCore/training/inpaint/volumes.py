"""What is learned from: a head as the network sees it, the healthy head behind it, its mirror."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.engine.grid import network_grid, resample
from SynthCore.models.mirror import Mirror, find_mirror, mirrored
from SynthCore.models.normalize import Normalization, normalize, scale_of
from SynthCore.staging import renewed
from SynthCore.tasks import CT_ROLES
from SynthCore.training.inpaint.heads import Head, brain_of, lesions_of, read_head

Half = npt.NDArray[np.float16]
Mask = npt.NDArray[np.bool_]
Triple = tuple[float, float, float]

SPACING_MM = (1.0, 1.0, None)
"""The network works at this spacing along (i, j), in the slices as they are."""

MR_NORMALIZATION = Normalization("percentile", percentile=99.0, low=0.0, high=1.5)
CT_NORMALIZATION = Normalization("linear", offset=-20.0, scale=80.0, low=0.0, high=1.5)
"""From -20 to 100 HU: fluid is 0.3, white matter 0.6, gray matter 0.7. Fat and air are 0, bone and
calcification 1.5: neither can be filled in."""

CENTERS = 3000
"""Voxels kept of each kind that regions are centered on."""


def normalization_of(role: str) -> Normalization:
    """The network's, by role."""
    return CT_NORMALIZATION if role in CT_ROLES else MR_NORMALIZATION


@dataclass(frozen=True)
class Volume:
    """One image to hide regions of.

    Attributes
    ----------
    patient, role : str
        Whose and which.
    spacing : tuple of float
        mm along (k, j, i).
    mirror : Mirror
        The head's plane of symmetry.
    image : numpy.ndarray
        [k, j, i] float16, normalized: what is seen.
    target : numpy.ndarray
        The same without lesions: what a region is filled with. Of a real image it is the image.
    seen : numpy.ndarray
        The image in the mirror.
    allowed : numpy.ndarray of bool
        Where tissue may be hidden: the target is healthy there.
    brain : numpy.ndarray of bool
        Where regions are centered.
    centers, lesions : numpy.ndarray
        int16 [n, 3], voxels of the brain, and of lesions that the target is without.
    """

    patient: str
    role: str
    spacing: Triple
    mirror: Mirror
    image: Half = field(repr=False)
    target: Half = field(repr=False)
    seen: Half = field(repr=False)
    allowed: Mask = field(repr=False)
    brain: Mask = field(repr=False)
    centers: npt.NDArray[np.int16] = field(repr=False)
    lesions: npt.NDArray[np.int16] = field(repr=False)


def make_volume(
    patient: str,
    role: str,
    spacing: Triple,
    image: npt.NDArray[np.float32],
    target: npt.NDArray[np.float32] | None,
    allowed: Mask,
    brain: Mask,
    lesion: Mask | None = None,
) -> Volume:
    """A volume from its arrays, all [k, j, i] on the network's grid in the image's own unit.

    The image's own scale normalizes the target as well. What holds no signal around the head is
    cut off.
    """
    how = normalization_of(role)
    scale = scale_of(image, how)
    box = _box(allowed & (normalize(image, how, scale) > 0.02), spacing)
    seen_image = normalize(image[box], how, scale)
    seen_target = seen_image if target is None else normalize(target[box], how, scale)
    mirror = find_mirror(seen_image, np.zeros(seen_image.shape, dtype=np.bool_), spacing)
    half = seen_image.astype(np.float16)
    rng = np.random.default_rng(0)
    empty = np.zeros(brain[box].shape, dtype=np.bool_)
    return Volume(
        patient,
        role,
        spacing,
        mirror,
        half,
        half if target is None else seen_target.astype(np.float16),
        mirrored(seen_image, mirror, spacing).astype(np.float16),
        allowed[box],
        brain[box],
        _some(brain[box] & allowed[box], rng),
        _some(empty if lesion is None else lesion[box], rng),
    )


def real_volume(data: Path, head: Head) -> Volume:
    """A real image with its lesions left out, on the network's grid."""
    image = read_head(data, head)
    brain = brain_of(image, head.stripped)
    allowed = ~lesions_of(data, head, image, brain)
    voxels = image.voxels.astype(np.float32)
    spacing = image.spacing
    grid = network_grid(image, SPACING_MM)
    if grid is not None:
        voxels = resample(voxels, image.affine, *grid)
        allowed, brain = (resample(m, image.affine, *grid) > 0.5 for m in (allowed, brain))
        i, j, k = (float(s) for s in np.linalg.norm(grid[1][:3, :3], axis=0))
        spacing = (i, j, k)
    return make_volume(head.patient, head.role, spacing[::-1], voxels, None, allowed, brain)


def save(volume: Volume, path: Path) -> None:
    """Write a volume; a target that is the image is written once."""
    same = volume.target is volume.image
    arrays = {
        f.name: getattr(volume, f.name)
        for f in fields(volume)
        if isinstance(getattr(volume, f.name), np.ndarray) and not (same and f.name == "target")
    }
    plane = np.array([*volume.mirror.normal, volume.mirror.offset])
    with renewed(path) as part:
        np.savez(
            part, patient=volume.patient, role=volume.role, spacing=volume.spacing, plane=plane,
            **arrays,
        )  # fmt: skip


def load(path: Path) -> Volume:
    """Read what `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        kept: Mapping[str, npt.NDArray[np.generic]] = dict(file)
    k, j, i, offset = (float(v) for v in kept["plane"])
    a, b, c = (float(v) for v in kept["spacing"])
    names = ("seen", "allowed", "brain", "centers", "lesions")
    return Volume(
        str(kept["patient"]),
        str(kept["role"]),
        (a, b, c),
        Mirror((k, j, i), offset),
        kept["image"],  # type: ignore[arg-type]
        kept.get("target", kept["image"]),  # type: ignore[arg-type]
        *(kept[name] for name in names),  # type: ignore[arg-type]
    )


def _box(what: Mask, spacing: Triple) -> tuple[slice, ...]:
    found = ndimage.find_objects(what.astype(np.uint8))
    if not found:
        return tuple(slice(0, n) for n in what.shape)
    margins = [0 if s > 1.5 else 8 for s in spacing]
    return tuple(
        slice(max(0, span.start - m), span.stop + m)
        for span, m in zip(found[0], margins, strict=True)
    )


def _some(what: Mask, rng: np.random.Generator) -> npt.NDArray[np.int16]:
    places = np.argwhere(what).astype(np.int16)
    if len(places) > CENTERS:
        places = places[rng.choice(len(places), CENTERS, replace=False)]
    return places
