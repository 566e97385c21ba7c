"""The synthetic CT against a real one: CT numbers by tissue and structure, outlines, distances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.planning.finding import Finding
from SynthCore.quality.ct_numbers import BONE_HU, TISSUES, tissue_errors
from SynthCore.quality.masks import body_mask_ct
from SynthCore.quality.overlap import dice

Mask = npt.NDArray[np.bool_]


def image_check(
    synthetic: Image, reference: Image, seen: Mask, structures: Mapping[str, Mask]
) -> tuple[Finding, ...]:
    """Findings of two CTs on one grid.

    Parameters
    ----------
    synthetic, reference : Image
        HU.
    seen : numpy.ndarray of bool
        [k, j, i]: where the reference has a value; nothing else counts.
    structures : mapping
        Masks by name.
    """
    bodies = [body_mask_ct(image.voxels, image.spacing) & seen for image in (synthetic, reference)]
    both = bodies[0] & bodies[1]
    error = synthetic.voxels.astype(np.float32) - reference.voxels.astype(np.float32)
    found = [
        Finding("image", "mae_body", "Mean absolute error in the body", _mean(np.abs(error), both),
                "HU", reason="Inside the bodies of both images."),
    ]  # fmt: skip
    errors = {e.tissue.name: e for e in tissue_errors(synthetic.voxels, reference.voxels, both)}
    for tissue in TISSUES:
        title = f"Mean signed error in {tissue.title.lower()}"
        value = errors[tissue.name].me if tissue.name in errors else float("nan")
        if tissue.name in errors:
            found.append(
                Finding("image", f"me_{tissue.name}", title, value, "HU",
                        reason=_direction(value, tissue.name))
            )  # fmt: skip
    for name, mask in structures.items():
        inside = mask & seen
        if inside.any():
            found.append(
                Finding("image", "me_structure", f"Mean signed error in {name}",
                        _mean(error, inside), "HU")
            )  # fmt: skip
    bones = [
        (image.voxels > BONE_HU) & body
        for image, body in zip((synthetic, reference), bodies, strict=True)
    ]
    found += [
        Finding("image", "body_dice", "Overlap of the bodies (Dice)", dice(*bodies), ""),
        Finding("image", "bone_dice", f"Overlap of bone above {BONE_HU:g} HU (Dice)",
                dice(*bones), ""),
        Finding("image", "body_distance", "Mean distance of the bodies' surfaces",
                surface_distance(bodies[0], bodies[1], synthetic.spacing), "mm"),
    ]  # fmt: skip
    return tuple(found)


def surface_distance(a: Mask, b: Mask, spacing: tuple[float, float, float]) -> float:
    """Mean symmetric distance of two masks' surfaces in mm; NaN where one is empty.

    Parameters
    ----------
    a, b : numpy.ndarray of bool
        [k, j, i].
    spacing : tuple of float
        mm along (i, j, k).
    """
    if not a.any() or not b.any():
        return float("nan")
    sampling = spacing[::-1]
    edges = [mask & ~ndimage.binary_erosion(mask, border_value=1) for mask in (a, b)]
    if not edges[0].any() or not edges[1].any():
        return 0.0 if np.array_equal(a, b) else float("nan")
    far = [ndimage.distance_transform_edt(~edge, sampling=sampling) for edge in edges]
    sums = float(far[1][edges[0]].sum() + far[0][edges[1]].sum())
    return sums / int(edges[0].sum() + edges[1].sum())


def _mean(values: npt.NDArray[Any], mask: Mask) -> float:
    return float(values[mask].mean()) if mask.any() else float("nan")


def _direction(value: float, tissue: str) -> str:
    """What a signed error does to a beam, in a sentence."""
    if abs(value) < 5:
        return ""
    more = "denser" if value > 0 else "less dense"
    range_of = "short" if value > 0 else "far"
    words = tissue.replace("_", " ")
    return (
        f"The synthetic {words} is {more} than it is: everywhere in a beam's way that adds up, and "
        f"protons stop too {range_of} in the patient."
    )
