"""A synthetic CT without a real one: what can be seen of it and of the MR it was made from.

None of this shows that CT numbers are right. It finds what is plainly wrong.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.planning.finding import Finding, Light
from SynthCore.planning.image_check import LUNG_PIXELS, lung_of
from SynthCore.planning.surfaces import surface_distance
from SynthCore.quality.body import body_in_ct, body_in_mr
from SynthCore.quality.ct_numbers import TISSUES, Tissue, in_tissue
from SynthCore.quality.masks import MR_TISSUE_FRACTION
from SynthCore.quality.morphology import fill_slices
from SynthCore.quality.overlap import dice

Mask = npt.NDArray[np.bool_]

_CROSS = ndimage.generate_binary_structure(2, 1)[np.newaxis]

METAL_HU = 2500.0
POCKET_HU = -300.0
EDGE_SHARE = 0.02
"""Of the in-plane edge's voxels: more body than this on an edge is a body that is cut off."""

OUTLINE_MM = (2.0, 4.0)
"""Mean distance of the outlines of MR and CT: yellow, and red from here."""

VOID_PIXELS = 2
"""Fasciae, vessels and cortex are as dark in MR as air, and thinner than twice this."""

VOID_ML = 2.0
"""Signal void of the MR that became soft tissue: yellow from here. A hip implant or rectal gas
takes ten times as much."""

SOFT_HU = (-200.0, 200.0)

POCKET_SHARE = (0.005, 0.03)
"""Of the body's volume, enclosed air outside of the lungs: told of, and yellow from here. Sinuses
and bowel may hold that much."""


def alone_check(
    synthetic: Image,
    mr: Image | None,
    structures: Mapping[str, Mask],
    reference: Image | None = None,
) -> tuple[Finding, ...]:
    """Findings of a synthetic CT and, where given, the MR on its grid.

    Parameters
    ----------
    synthetic : Image
        HU.
    mr : Image, optional
        What it was made from, on the same grid.
    structures : mapping
        Masks by name.
    reference : Image, optional
        A real CT on the same grid: it knows this patient's tissues better than published ranges,
        so that a median outside those is then shown, and judged by the signed error.
    """
    body = body_in_ct(synthetic)
    if not body.any():
        return (
            Finding("plausibility", "body", "Body in the synthetic CT", 0.0, "%", "fail",
                    "No body was found above -300 HU: these are not CT numbers of a patient."),
        )  # fmt: skip
    found = [*_tissues(synthetic, body, reference), _cut_off(body, synthetic), _ends(body),
             _metal(synthetic, body), _pockets(synthetic, body)]  # fmt: skip
    if mr is not None:
        other = body_in_mr(mr)
        found += [*_outlines(synthetic, body, other), _voids(synthetic, mr, other & body)]
    for name, mask in structures.items():
        found.append(_inside(name, mask, body))
    return tuple(found)


def _tissues(synthetic: Image, body: Mask, reference: Image | None) -> list[Finding]:
    values = synthetic.voxels[body]
    real = None if reference is None else reference.voxels[body]
    found = []
    for tissue in TISSUES:
        median = _median(values, tissue)
        if median is None or tissue.name == "air":
            continue
        low, high = tissue.plausible
        outside = not low <= median <= high
        light: Light = "pass" if not outside else "fail" if real is None else "shown"
        name = f"Median of {tissue.title.lower()}"
        reason = f"{name} is {median:.0f} HU; published medians lie between {low:g} and {high:g}."
        of_real = None if real is None else _median(real, tissue)
        if outside and real is not None:
            reason += (
                " The real CT has none." if of_real is None else f" The real CT has {of_real:.0f}."
            )
        found.append(
            Finding("plausibility", f"median_{tissue.name}", name, median, "HU", light, reason,
                    f"{low:g} to {high:g}")
        )  # fmt: skip
    return found


def _median(hu: npt.NDArray[np.floating], tissue: Tissue) -> float | None:
    here = hu[in_tissue(hu, tissue)]
    return float(np.median(here)) if here.size else None


def _cut_off(body: Mask, image: Image) -> Finding:
    edges = np.concatenate([body[:, 0].ravel(), body[:, -1].ravel(), body[:, :, 0].ravel(),
                            body[:, :, -1].ravel()])  # fmt: skip
    share = float(edges.mean())
    light: Light = "pass" if share <= EDGE_SHARE else "warn"
    reason = (
        "The whole outline lies within the field of view."
        if light == "pass"
        else "The body reaches the edge of the field of view: beams that enter there are too short."
    )
    return Finding("plausibility", "field_of_view", "Edge of the field of view that is body",
                   100 * share, "%", light, reason, f"at most {100 * EDGE_SHARE:g}")  # fmt: skip


def _ends(body: Mask) -> Finding:
    """A synthetic CT that stops before its grid does, or has a gap, lacks what beams cross."""
    empty = int(np.count_nonzero(~body.any(axis=(1, 2))))
    light: Light = "warn" if empty else "pass"
    reason = (
        "Slices without a body: the image stops short, or the patient does."
        if empty
        else "Every slice holds a part of the body."
    )
    return Finding("plausibility", "empty_slices", "Slices without a body", 100 * empty / len(body),
                   "%", light, reason, "at most 0")  # fmt: skip


def _voids(synthetic: Image, mr: Image, inside: Mask) -> Finding:
    """Where the MR has no signal deep in the body, and the synthetic CT says soft tissue."""
    values = mr.voxels[inside]
    top = float(np.percentile(values, 99)) if values.size else 0.0
    dark = inside & (mr.voxels < MR_TISSUE_FRACTION * top)
    thick = ndimage.binary_opening(dark, _CROSS, iterations=VOID_PIXELS)
    soft = (synthetic.voxels > SOFT_HU[0]) & (synthetic.voxels < SOFT_HU[1])
    cm3 = float(np.count_nonzero(thick & soft) * np.prod(synthetic.spacing)) / 1000
    light: Light = "warn" if cm3 > VOID_ML else "pass"
    reason = (
        "No signal in the MR and soft tissue in the synthetic CT: an implant's void or an air "
        "pocket that was filled; look there."
        if light == "warn"
        else "Where the MR has no signal, the synthetic CT has air or bone."
    )
    return Finding("plausibility", "mr_voids", "Signal void of the MR that is soft tissue", cm3,
                   "ml", light, reason, f"at most {VOID_ML:g}")  # fmt: skip


def _metal(synthetic: Image, body: Mask) -> Finding:
    cm3 = float(np.count_nonzero(synthetic.voxels[body] > METAL_HU) * np.prod(synthetic.spacing))
    cm3 /= 1000
    light: Light = "warn" if cm3 > 0.5 else "pass"
    reason = "Denser than bone is metal, or a mistake." if light == "warn" else "No metal is in it."
    return Finding("plausibility", "metal", f"Volume above {METAL_HU:g} HU", cm3, "ml", light,
                   reason, "at most 0.5")  # fmt: skip


def _pockets(synthetic: Image, body: Mask) -> Finding:
    filled = fill_slices(body)
    air = filled & (synthetic.voxels < POCKET_HU)
    air &= ~ndimage.binary_dilation(lung_of(synthetic, filled), iterations=LUNG_PIXELS + 1)
    share = float(air.sum() / max(int(filled.sum()), 1))
    light: Light = "pass" if share < POCKET_SHARE[1] else "warn"
    reason = (
        "Hardly any air lies within the body outside of the lungs."
        if share < POCKET_SHARE[0]
        else "Air lies within the body outside of the lungs: bowel and sinuses may hold it; "
        "elsewhere it is a mistake."
    )
    return Finding("plausibility", "air", "Air within the body", 100 * share, "%", light, reason,
                   f"at most {100 * POCKET_SHARE[1]:g}")  # fmt: skip


def _outlines(synthetic: Image, body: Mask, other: Mask) -> list[Finding]:
    far = surface_distance(body, other, synthetic.spacing)
    light: Light = "pass" if far <= OUTLINE_MM[0] else "warn" if far <= OUTLINE_MM[1] else "fail"
    if not np.isfinite(far):
        light = "fail"
    return [
        Finding("plausibility", "mr_outline", "Distance of the outlines of MR and synthetic CT",
                far, "mm", light,
                f"On average {far:.1f} mm apart: the synthetic CT should end where the MR does.",
                f"at most {OUTLINE_MM[0]:g}"),
        Finding("plausibility", "mr_body", "Overlap of the bodies in MR and synthetic CT (Dice)",
                dice(body, other), ""),
    ]  # fmt: skip


def _inside(name: str, mask: Mask, body: Mask) -> Finding:
    share = float((mask & body).sum() / max(int(mask.sum()), 1))
    light: Light = "pass" if share > 0.98 else "warn" if share > 0.9 else "fail"
    return Finding("plausibility", "structure_inside", f"Share of {name} within the body",
                   100 * share, "%", light,
                   f"{100 * share:.0f}% of {name} lies in the body of the synthetic CT.",
                   "at least 98")  # fmt: skip
