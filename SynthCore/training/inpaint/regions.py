"""Regions to judge a filling in: as large as tumors and shaped like them, in healthy tissue."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.axes import toward_lps
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.training.inpaint.heads import Head, brain_of, lesions_of, list_heads, read_head
from SynthCore.training.inpaint.shapes import apply_shape, draw_shape, place

Mask = npt.NDArray[np.bool_]

TUMORS = {
    "glioma": "tumour/TCGA-FG-6692_brats/seg_fused_simple.nii.gz",
    "metastasis": "tumour/pyradiomics/brain1_label.nrrd",
}
"""Tumors whose outlines are hidden elsewhere, by what they are called in tables."""

NAMES = (*TUMORS, "drawn")
"""Every region of an image."""

DRAWN_MM = (10.0, 50.0)
"""Diameters of the regions that are drawn."""

TRIES = 300
HEALTHY = 0.9
"""Of a region, what must lie in healthy tissue where it is put; the rest is cut off."""


@dataclass(frozen=True)
class Region:
    """A region of one image, hidden there.

    Attributes
    ----------
    head : Head
        Whose image.
    image : Image
        As it is.
    name : str
        A key of `TUMORS`, or ``drawn``.
    mask : numpy.ndarray of bool
        [k, j, i], healthy tissue of the brain.
    brain : numpy.ndarray of bool
        Of the image.
    """

    head: Head
    image: Image = field(repr=False)
    name: str
    mask: Mask = field(repr=False)
    brain: Mask = field(repr=False)

    @property
    def diameter_mm(self) -> float:
        """Of a ball of its size."""
        volume = float(self.mask.sum()) * float(np.prod(self.image.spacing))
        return float((6 * volume / np.pi) ** (1 / 3))


def regions(
    data: Path,
    patients: tuple[str, ...],
    names: tuple[str, ...] = NAMES,
    images: Collection[tuple[str, str]] | None = None,
) -> Iterator[Region]:
    """Every region of every image of these patients; the same ones each time.

    Parameters
    ----------
    data : Path
        Folder of real images.
    patients, names : tuple of str
        Whose, and which regions.
    images : collection, optional
        Patient and role of those images that are wanted; all where not given.
    """
    outlines = {n: _outline(data / p) for n, p in TUMORS.items() if n in names}
    for head in list_heads(data):
        if head.patient not in patients:
            continue
        if images is not None and (head.patient, head.role) not in images:
            continue
        image = read_head(data, head)
        brain = brain_of(image, head.stripped)
        healthy = brain & ~lesions_of(data, head, image, brain)
        for name in names:
            rng = np.random.default_rng(zlib.crc32(f"{head.patient} {name}".encode()))
            spacing = image.spacing[::-1]
            if name in outlines:
                shape = _resized(*outlines[name], spacing)
            else:
                shape = apply_shape(draw_shape(rng, DRAWN_MM), spacing)
            yield Region(head, image, name, put(rng, shape, healthy), brain)


def put(rng: np.random.Generator, shape: Mask, healthy: Mask) -> Mask:
    """A shape where healthy tissue holds it, cut off where it does not."""
    places = np.argwhere(healthy)
    best, most = np.zeros(healthy.shape, dtype=np.bool_), -1.0
    for _ in range(TRIES):
        k, j, i = (int(v) for v in places[int(rng.integers(len(places)))])
        there = place(shape, (k, j, i), healthy.shape)
        share = float((there & healthy).sum()) / float(shape.sum())
        if share > most:
            best, most = there & healthy, share
        if most >= HEALTHY:
            break
    return best


def _outline(path: Path) -> tuple[Mask, tuple[float, float, float]]:
    """The largest part of a tumor in a box of its own, and its spacing (k, j, i)."""
    image, _ = toward_lps(read(path))
    parts, _ = ndimage.label(image.voxels > 0)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    tumor = parts == sizes.argmax()
    box = ndimage.find_objects(tumor.astype(np.uint8))[0]
    k, j, i = (float(s) for s in image.spacing[::-1])
    return np.asarray(tumor[box]), (k, j, i)


def _resized(tumor: Mask, own: tuple[float, float, float], spacing: tuple[float, ...]) -> Mask:
    zoom = [a / b for a, b in zip(own, spacing, strict=True)]
    smooth = ndimage.zoom(np.pad(tumor, 1).astype(np.float32), zoom, order=1)
    return np.asarray(smooth > 0.5)
