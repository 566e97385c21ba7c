"""Whether a faint lesion in a real liver is still found once its dose was lowered and restored.

Rods of 10 mm, 5 HU darker than the liver, as in the phantoms that scanners are accepted with, are
laid into the full-dose abdomen. Its dose is then lowered by simulation with and without them, the
methods under test clean both, and a channelized Hotelling observer looks at the same places with
and without a rod. Places above each other in one rod show one anatomy and count together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.quality.observer import Detectability, detectability, gain
from SynthCore.quality.prewhitening import prewhitening
from SynthCore.training.denoise.validate import abdomen, lowered

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Denoise = Callable[[Image], Image]

CONTRAST_HU = -5.0
DIAMETER_MM = 10.0
EDGE_MM = 0.35
HALF = 20
"""Pixels from the middle of a place to its edge."""

NEIGHBORS = 7
"""Slices in a mean that shows what a rod, which runs through all of them, has beyond one."""

PITCH = 30
"""Pixels between rods: none reaches into the place of another."""

LIVER_HU = (85.0, 145.0)
"""After smoothing, of a liver in the portal venous phase."""


@dataclass(frozen=True)
class Visibility:
    """One image and how visible the rods are in it.

    Attributes
    ----------
    seen : Detectability
        ``d'`` with its interval.
    gain : tuple of float
        Over the full dose at the same places, with its 95% interval.
    contrast_hu : float
        Mean difference in the middle of the rods.
    most : float
        ``d'`` of the prewhitening observer in this image: what one slice of it holds.
    """

    name: str
    seen: Detectability
    gain: tuple[float, float, float]
    contrast_hu: float
    most: float


def visibility(data: Path, dose: float, methods: Mapping[str, Denoise]) -> list[Visibility]:
    """Visibility at full dose, at `dose`, in the mean over slices, and after each method.

    Parameters
    ----------
    data : Path
        The folder that holds ``dicom/``.
    dose : float
        Fraction of the full dose.
    methods : mapping
        By name: from a noisy CT to a clean one.
    """
    whole = abdomen(data)
    inside = liver(whole)
    reached = np.flatnonzero(inside.any(axis=(1, 2)))
    part = slice(max(int(reached[0]) - 2, 0), int(reached[-1]) + 3)
    absent = whole.with_voxels(whole.voxels.astype(np.float32))
    places = find_places(inside)
    present = absent.with_voxels(absent.voxels + rods(absent, places))
    images = {"full dose": (present, absent)}
    pair = [_part(lowered(data, image, dose), part) for image in (present, absent)]
    near = places - np.array([part.start, 0, 0], dtype=np.int64)
    seen = {"full dose": _cut(images["full dose"], places)}
    plain = {"low dose": _same, f"mean of {NEIGHBORS} slices": mean_of_neighbors}
    for name, run in {**plain, **methods}.items():
        seen[name] = _cut([run(image) for image in pair], near)
    groups = places[:, 1] * whole.shape[2] + places[:, 2]
    found = {n: detectability(*both, groups=groups) for n, both in seen.items()}
    middle = np.s_[:, HALF - 3 : HALF + 4, HALF - 3 : HALF + 4]
    return [
        Visibility(
            name, one, gain(one, found["full dose"]),
            float((seen[name][0] - seen[name][1])[middle].mean()),
            prewhitening((seen[name][0] - seen[name][1]).mean(axis=0), seen[name][1]),
        )
        for name, one in found.items()
    ]  # fmt: skip


def liver(image: Image) -> Mask:
    """[k, j, i], the right lobe in a contrast-enhanced abdomen, vessels included.

    The largest piece of soft tissue of `LIVER_HU` on the patient's right; that it is the liver was
    seen by eye in the one image this is used on.
    """
    smooth = ndimage.gaussian_filter(image.voxels.astype(np.float32), (0, 2.5, 2.5))
    tissue = (smooth > LIVER_HU[0]) & (smooth < LIVER_HU[1])
    tissue[:, :, image.shape[2] // 2 :] = False
    opened = ndimage.binary_erosion(tissue, np.ones((1, 9, 9), dtype=bool))
    labels, _ = ndimage.label(opened, ndimage.generate_binary_structure(3, 1))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    grown = ndimage.binary_dilation(labels == sizes.argmax(), np.ones((1, 9, 9), dtype=bool))
    return np.asarray(grown & tissue)


def find_places(inside: Mask) -> Places:
    """[n, 3] middles (k, j, i) on a grid of `PITCH`, whose rod lies in the liver with a margin."""
    deep = np.stack([ndimage.distance_transform_edt(plane) > PITCH / 2 for plane in inside])
    grid = np.zeros_like(deep)
    grid[:, HALF + PITCH // 2 : -HALF : PITCH, HALF + PITCH // 2 : -HALF : PITCH] = True
    return np.argwhere(deep & grid)


def rods(image: Image, places: Places) -> Float32:
    """What is added to the image, HU [k, j, i]: `CONTRAST_HU` in every rod."""
    made = np.zeros(image.shape, dtype=np.float32)
    steps = np.arange(-HALF, HALF + 1)
    radius = np.hypot(steps[:, None] * image.spacing[1], steps[None, :] * image.spacing[0])
    disk = CONTRAST_HU / (1 + np.exp((radius - DIAMETER_MM / 2) / EDGE_MM))
    for _, j, i in np.unique(places * np.array([0, 1, 1]), axis=0):
        # through all slices: a rod has no end near a place
        made[:, j - HALF : j + HALF + 1, i - HALF : i + HALF + 1] += disk.astype(np.float32)
    return made


def _cut(pair: tuple[Image, Image] | list[Image], places: Places) -> tuple[Float32, Float32]:
    """The places [n, j, i] in the image with rods and in the one without."""
    present, absent = (
        np.stack([
            image.voxels[k, j - HALF : j + HALF + 1, i - HALF : i + HALF + 1] for k, j, i in places
        ]).astype(np.float32)
        for image in pair
    )  # fmt: skip
    return present, absent


def _part(image: Image, slices: slice) -> Image:
    """Some slices, in their place."""
    affine = np.array(image.affine)
    affine[:3, 3] += affine[:3, 2] * slices.start
    return Image(image.voxels[slices], affine, image.modality, image.unit)


def _same(image: Image) -> Image:
    return image


def mean_of_neighbors(image: Image) -> Image:
    """Each slice the mean of `NEIGHBORS`: what runs through them stays, their noise does not."""
    voxels = ndimage.uniform_filter1d(
        image.voxels.astype(np.float32), NEIGHBORS, axis=0, mode="nearest"
    )
    return image.with_voxels(voxels)


def as_rows(rows: list[Visibility]) -> list[dict[str, float | str]]:
    """The table for a program."""
    return [
        {
            "image": row.name,
            "d_prime": row.seen.d_prime,
            "d_prime_low": row.seen.low,
            "d_prime_high": row.seen.high,
            "over_full_dose": row.gain[0],
            "over_full_dose_low": row.gain[1],
            "over_full_dose_high": row.gain[2],
            "contrast_hu": row.contrast_hu,
            "most_d_prime": row.most,
        }
        for row in rows
    ]


def as_text(rows: list[Visibility]) -> str:
    """The table for a person."""
    count, columns = rows[0].seen.answers.shape[1], len(np.unique(rows[0].seen.groups))
    lines = [
        f"{-CONTRAST_HU:g} HU rods of {DIAMETER_MM:g} mm in the liver, {count} places in "
        f"{columns} rods, channelized Hotelling observer",
        "most: the prewhitening observer of one slice; slices beside it hold more of a rod",
        f"{'image':<22}{'d prime':>9}{'95% interval':>16}{'over full dose':>16}"
        f"{'95% interval':>18}{'contrast HU':>13}{'most':>7}",
    ]
    for row in rows:
        more, low, high = row.gain
        lines.append(
            f"{row.name:<22}{row.seen.d_prime:>9.2f}{row.seen.low:>8.2f} to{row.seen.high:>5.2f}"
            f"{more:>16.2f}{low:>10.2f} to{high:>5.2f}{row.contrast_hu:>13.2f}"
            f"{row.most:>7.2f}"
        )
    return "\n".join(lines)
