"""The pictures of a report, chosen by what the result is and what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.quality.body import body_in
from SynthCore.quality.display import windows_of
from SynthCore.quality.figures import (
    Shown,
    ct_histogram,
    data_uri,
    plain_histogram,
    png_size,
    three_planes,
)
from SynthCore.quality.grids import resample_to
from SynthCore.quality.scoring import scaled_alone

Mask = npt.NDArray[np.bool_]
MINUS = "\N{MINUS SIGN}"
PAGE_SCALE = 0.84
"""Of a picture's pixels on the page: four panels and a bar fill its width."""


@dataclass(frozen=True)
class Picture:
    """A picture as a ``data:`` address, what it shows in words, its caption, its size in pixels.

    The size is the one on the page, so that panels are as large in every figure.
    """

    source: str
    alt: str
    caption: str
    width: int
    height: int


def picture(png: bytes, alt: str, caption: str) -> Picture:
    """Make a picture of a PNG."""
    width, height = (round(PAGE_SCALE * n) for n in png_size(png))
    return Picture(data_uri(png), alt, caption, width, height)


def body_of(image: Image) -> Mask:
    """Find the body, or take every voxel where none is found."""
    body = body_in(image)
    return body if body.any() else np.ones(image.shape, dtype=np.bool_)


def plane_pictures(
    result: Image,
    inputs: Mapping[str, Image],
    reference: Image | None,
    body: Mask,
    mask: Mask | None,
    outlined: str = "the mask",
    *,
    seen: Mask | None = None,
) -> list[Picture]:
    """Draw input, result, reference and difference side by side in three planes.

    CT is drawn once more, axially, in the lung or bone window. Images on another grid than the
    result's are resampled for the picture. The mask is a line, around what is `outlined`. Where
    the reference is not `seen` there is no difference; slices are spread over where it is.
    """
    through = body if seen is None else body & seen
    made = f"Synthetic {result.modality}"
    shown = [
        Shown(f"{role} (input)", finite(_on_grid(image, result)), synthetic=bool(image.synthetic))
        for role, image in inputs.items()
    ]
    shown.append(Shown(made, finite(result), synthetic=True))
    twin = inputs.get(result.modality)
    if reference is not None:
        real = finite(_on_grid(reference, result))
        shown += [
            Shown(f"{result.modality} (reference)", real, synthetic=bool(real.synthetic)),
            _minus_reference(f"{made} {MINUS} reference", finite(result), real, inputs),
        ]
    elif twin is not None and twin.unit == result.unit:
        base = finite(_on_grid(twin, result))
        shown.append(Shown(f"{made} {MINUS} input", finite(result), synthetic=True, minus=base))
    if seen is not None:
        shown = [_where_seen(one, seen) for one in shown]
    names = ", ".join(one.title for one in shown)
    windows = windows_of(result, body)
    main = f" {result.modality} in the {windows[0].name} window." if windows[0].name else ""
    main += "" if mask is None else f" The line is {outlined}."
    if seen is not None and not seen.all():
        main += " Where the difference is black the reference does not reach."
    pictures = [
        picture(png, f"{plane} slices: {names}", f"{plane.capitalize()}: {names}." + main)
        for plane, png in three_planes(shown, body, outline=mask, through=through).items()
    ]
    if len(windows) > 1:
        ct = [one for one in shown if one.image.unit == "HU" and one.minus is None]
        second = three_planes(
            ct, body, outline=mask, through=through, window=1, planes=("axial",), slices_across=True
        )
        label = windows[1].name
        pictures.insert(
            1,
            picture(
                second["axial"],
                f"axial slices in the {label} window: {', '.join(one.title for one in ct)}",
                f"Axial, {label} window.",
            ),
        )
    return pictures


def _minus_reference(title: str, made: Image, real: Image, inputs: Mapping[str, Image]) -> Shown:
    if not _scored_scaled(made, inputs):
        return Shown(title, made, synthetic=True, minus=real)
    made, real = (one.with_voxels(scaled_alone(one.voxels)) for one in (made, real))
    return Shown(title, made, synthetic=True, minus=real, unit="of the range")


def _where_seen(one: Shown, seen: Mask) -> Shown:
    """Without a difference where what is taken away is not known; no color stands for that."""
    if one.minus is None:
        return one
    known = np.where(seen, one.minus.voxels, np.nan)
    return replace(one, minus=one.minus.with_voxels(known))


def _scored_scaled(result: Image, inputs: Mapping[str, Image]) -> bool:
    """Whether the result is an MR of a scale of its own: it and its reference are compared scaled.

    What a task leaves in its place, such as the rest of an image with a hole, keeps its scale.
    """
    return result.unit != "HU" and result.modality not in inputs


def histogram_picture(
    result: Image,
    inputs: Mapping[str, Image],
    reference: Image | None,
    body: Mask,
    seen: Mask | None = None,
) -> Picture:
    """Draw the values of the result in its body, and the reference's there.

    The reference is on the result's grid; where it was not seen neither of them counts.
    """
    scaled = reference is not None and _scored_scaled(result, inputs)

    known = np.ones_like(body) if seen is None or reference is None else seen

    def values_of(image: Image) -> npt.NDArray[Any]:
        values = image.voxels[known]
        return (scaled_alone(values) if scaled else values)[body[known]]

    curves = {f"Synthetic {result.modality}": values_of(result)}
    if reference is not None:
        curves[f"{result.modality} (reference)"] = values_of(reference)
    curves = {label: values[np.isfinite(values)] for label, values in curves.items()}
    where = "" if known.all() else ", as far as the reference reaches"
    if result.unit == "HU":
        return picture(
            ct_histogram(curves),
            "Histogram of CT numbers over the ranges of air, fat, soft tissue and bone",
            f"CT numbers in the body of the result{where}; shading marks the tissues' ranges.",
        )
    alone = ", each image scaled between its 0.5 and 99.5 percentiles" if scaled else ""
    return picture(
        plain_histogram(curves, "share of the range" if scaled else "arbitrary units"),
        "Histogram of intensities in the body",
        f"Intensities in the body of the result{where}{alone}.",
    )


def _on_grid(image: Image, grid: Image) -> Image:
    return image if image.same_grid(grid) else resample_to(image, grid)[0]


def finite(image: Image) -> Image:
    """The image with 0 where it holds no number."""
    if np.isfinite(image.voxels).all():
        return image
    return replace(image, voxels=np.nan_to_num(image.voxels, posinf=0.0, neginf=0.0))
