"""The synthetic CT against a real one: CT numbers by tissue and structure, outlines, distances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.planning.finding import Finding
from SynthCore.planning.preset_check import preset_check
from SynthCore.planning.surfaces import compare_surfaces, moved
from SynthCore.planning.surfaces import surface_distance as surface_distance
from SynthCore.quality.body import body_in_ct
from SynthCore.quality.ct_numbers import BONE_HU, TISSUES, in_tissue
from SynthCore.quality.morphology import eroded, large_components
from SynthCore.quality.overlap import dice

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float32]

LUNG_HU = (-950.0, -500.0)
"""Aerated lung between emphysema and what is mostly tissue, as computed tomography grades it
(Gevenois et al., Am J Respir Crit Care Med 1995;152:653, for the lower end)."""

LUNG_PIXELS = 3
"""Rims of the body have such CT numbers, too, and are thinner than twice this."""

LEAST_LUNG_ML = 20.0

IN_BOTH = "within both bodies"
"""CT numbers are compared there; what one body lacks is for the outlines to tell."""


def image_check(
    synthetic: Image,
    reference: Image,
    seen: Mask,
    structures: Mapping[str, Mask],
    *,
    presets: bool = False,
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
    presets : bool
        Also the figures of `preset_check`, which take most of the time.
    """
    bodies = [body_in_ct(image) & seen for image in (synthetic, reference)]
    both = bodies[0] & bodies[1]
    error = synthetic.voxels.astype(np.float32) - reference.voxels.astype(np.float32)
    found = [
        Finding("image", "mae_body", f"Mean absolute error {IN_BOTH}",
                _mean(np.abs(error), both), "HU", reason="Where the two bodies overlap."),
    ]  # fmt: skip
    for tissue in TISSUES:
        here = both & in_tissue(reference.voxels, tissue)
        if here.any():
            found += _of_region(tissue.name, tissue.title.lower(), error, here)
    lung = lung_of(reference, bodies[1]) & both
    if np.count_nonzero(lung) * np.prod(synthetic.spacing) > 1000 * LEAST_LUNG_ML:
        words = f"lung ({LUNG_HU[0]:g} to {LUNG_HU[1]:g} HU)"
        found += _of_region("lung", words, error, lung)
    for name, mask in structures.items():
        inside = mask & seen
        if inside.any():
            found += [
                Finding("image", "me_structure", f"Mean signed error in {name}",
                        _mean(error, inside), "HU"),
                Finding("image", "mae_structure", f"Mean absolute error in {name}",
                        _mean(np.abs(error), inside), "HU"),
            ]  # fmt: skip
    bones = [
        (image.voxels > BONE_HU) & body
        for image, body in zip((synthetic, reference), bodies, strict=True)
    ]
    found += [
        Finding("image", "body_dice", "Overlap of the bodies (Dice)", dice(*bodies), ""),
        Finding("image", "bone_dice", f"Overlap of bone above {BONE_HU:g} HU (Dice)",
                dice(*bones), ""),
        *_distortion("body", "bodies", bodies[0], bodies[1], synthetic, seen),
        *_distortion("bone", "bones", bones[0], bones[1], synthetic, seen),
    ]  # fmt: skip
    if presets and bodies[1].any():
        found += preset_check(synthetic, reference, bodies[1])
    return tuple(found)


def lung_of(reference: Image, body: Mask) -> Mask:
    """[k, j, i], the large regions of the body whose CT number is that of aerated lung."""
    voxels = reference.voxels
    inside = body & (voxels > LUNG_HU[0]) & (voxels < LUNG_HU[1])
    core = eroded(inside, LUNG_PIXELS)
    return large_components(core) if core.any() else core


def _of_region(name: str, words: str, error: Values, where: Mask) -> list[Finding]:
    signed = _mean(error, where)
    return [
        Finding("image", f"me_{name}", f"Mean signed error in {words} {IN_BOTH}", signed, "HU",
                reason=_direction(signed, name)),
        Finding("image", f"mae_{name}", f"Mean absolute error in {words} {IN_BOTH}",
                _mean(np.abs(error), where), "HU"),
    ]  # fmt: skip


def _distortion(
    name: str, words: str, made: Mask, real: Mask, image: Image, seen: Mask
) -> list[Finding]:
    """How far a surface lies from where it should, and to which side."""
    far = compare_surfaces(made, real, image.spacing, seen)
    larger = ""
    if abs(far.outward) >= 0.5:
        size = "larger" if far.outward > 0 else "smaller"
        larger = f"The synthetic {name} is {size} than the real one."
    return [
        Finding("image", f"{name}_distance", f"Mean distance of the {words}' surfaces",
                far.mean, "mm"),
        Finding("image", f"{name}_distance_95", f"95th percentile of the {words}' distance",
                far.percentile_95, "mm"),
        Finding("image", f"{name}_outward", f"Mean displacement of the {name}'s surface, outward",
                far.outward, "mm", reason=larger),
        Finding("image", f"{name}_moved", f"Distance of the centers of the {words}",
                moved(made, real, image.spacing), "mm"),
    ]  # fmt: skip


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
        f"The synthetic {words} is {more} than the real one: that adds up along a beam, and "
        f"protons stop too {range_of} in the patient."
    )
