"""What of two images is scored: the body, a mask, a lesion apart; and what is to be said of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from SynthCore.axes import in_order_of
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.quality.body import body_in
from SynthCore.quality.pair import Pair, grid_in_words
from SynthCore.quality.presets import Preset
from SynthCore.quality.seen_part import seen_box

Mask = npt.NDArray[np.bool_]

MOST_HOLE = 0.5
"""Of the body: too little is left around a larger hole to scale by."""

LEAST_OUTSIDE = 0.01
"""Of a mask: a share outside the body from which on it is told."""

AIR_HU, AIR = -950.0, 0.05
"""A median at or below it is that of air: in HU, or of an MR's 99th percentile."""

MOST_BODY = 0.95
"""Of the grid: a body that fills more has no air around it, or none was told from it."""


@dataclass(frozen=True)
class Region:
    """What is scored.

    Attributes
    ----------
    seen : numpy.ndarray of bool
        [k, j, i]: where both images are known.
    scored : numpy.ndarray of bool
        What counts.
    lesion : numpy.ndarray of bool or None
        The mask given, as far as it is seen.
    described : str
        What `scored` is.
    notes : tuple of str
        What is to be said of it.
    """

    seen: Mask = field(repr=False)
    scored: Mask = field(repr=False)
    lesion: Mask | None = field(repr=False)
    described: str
    notes: tuple[str, ...]


def region(
    pair: Pair, preset: Preset, mask: Image | None, mask_name: str, field_seen: Mask | None
) -> Region:
    """Find what is scored: the mask, or the body where there is none or where it is a lesion.

    Parameters
    ----------
    pair : Pair
        The images.
    preset : Preset
        Its family says what a mask is.
    mask : Image or None
        As given.
    mask_name : str
        What it is called.
    field_seen : numpy.ndarray of bool or None
        What the scanner saw that the synthetic image was made from.

    Raises
    ------
    InputError
        If the mask is missing, empty, on another grid, wholly outside the body or the reference,
        or leaves too little around a hole.
    """
    given = None if mask is None else _given_mask(mask, pair.synthetic)
    if given is None and preset.needs_mask:
        raise InputError(
            f"The preset {preset.name} scores inside a hole: give the mask of the hole."
        )
    body = _body(pair)
    notes = [] if given is None else _outside(given & pair.seen, body, pair.reference)
    if given is None or preset.family == "mr-sequence":
        scored, described = reference_body(pair.reference, body)
        notes += _fills(body[pair.seen]) if preset.unit != "HU" else []
    else:
        scored, described = given, mask_name
    seen, scored, beyond = _known(scored, pair.seen, field_seen)
    if preset.family == "filled-hole":
        _require_around(scored, body, preset)
    return Region(
        seen, scored, None if given is None else given & seen, described,
        (*notes, *beyond, *(() if mask is None else mask.notes)),
    )  # fmt: skip


def _body(pair: Pair) -> Mask:
    """The body in the reference; of an MR in the box that the reference shows.

    The threshold is one between all values there are: beyond the reference they say nothing.
    """
    if pair.reference.unit == "HU" or pair.seen.all() or not pair.seen.any():
        return body_in(pair.reference)
    box = seen_box(pair.seen)
    found = np.zeros(pair.seen.shape, dtype=np.bool_)
    # the spacing counts, the place does not
    found[box] = body_in(replace(pair.reference, voxels=pair.reference.voxels[box].copy()))
    return found & pair.seen


def reference_body(reference: Image, body: Mask | None = None) -> tuple[Mask, str]:
    """Find the body in a reference: [k, j, i], and how it was found.

    Raises
    ------
    InputError
        If there is none.
    """
    found = body_in(reference) if body is None else body
    if not found.any():
        raise InputError("No body was found in the reference: give a mask.")
    if reference.unit == "HU":
        return found, "the body in the reference (above -300 HU, couch removed, holes filled)"
    return found, "the body in the reference (Otsu's threshold, closed, holes filled)"


def _given_mask(mask: Image, synthetic: Image) -> Mask:
    mask = in_order_of(mask, synthetic) or mask
    if not mask.same_grid(synthetic):
        raise InputError(
            f"The mask {grid_in_words(mask)} is not on the grid of the synthetic image "
            f"{grid_in_words(synthetic)}: resample it first."
        )
    inside = np.asarray(mask.voxels > 0)
    if not inside.any():
        raise InputError("The mask is empty: no voxel of it is positive.")
    return inside


def _outside(given: Mask, body: Mask, reference: Image) -> list[str]:
    """Say how much of a mask lies outside the body, where one was found; refuse one in air.

    What was found as the body may lack an arm, or a lung that the image cuts off.
    """
    if not given.any() or not body.any():
        return []
    share = np.count_nonzero(given & ~body) / np.count_nonzero(given)
    air = AIR_HU if reference.unit == "HU" else AIR * float(np.percentile(reference.voxels, 99))
    if share == 1 and float(np.median(reference.voxels[given])) <= air:
        raise InputError(
            "The mask lies in the air of the reference, which scores as perfect: give the mask "
            "drawn on this image."
        )
    return [f"{share:.0%} of the mask lies outside the body."] if share >= LEAST_OUTSIDE else []


def _fills(body: Mask) -> list[str]:
    """Say that no air was told from the body in an MR."""
    share = float(body.mean())
    if share <= MOST_BODY:
        return []
    return [
        f"The body found in the reference fills {share:.0%} of its grid. Where that is air, as in "
        "an MR scaled around its mean whose air is 0, the figures are mostly of air: give it with "
        "air as its lowest value."
    ]


def _known(scored: Mask, seen: Mask, field_seen: Mask | None) -> tuple[Mask, Mask, list[str]]:
    """What both images and the scan behind them show of it, and what is left out."""
    notes = []
    left_out = int(np.count_nonzero(scored & ~seen))
    scored = scored & seen
    if not scored.any():
        raise InputError(
            "No voxel of the mask lies inside the reference: check that mask and reference "
            "belong together."
        )
    if left_out:
        notes.append(f"{left_out} voxels of the mask lie beyond the reference and do not count.")
    if field_seen is None:
        return seen, scored, notes
    if blind := int(np.count_nonzero(scored & ~field_seen)):
        notes.append(
            f"{blind} voxels of the mask lie beyond the scan that the image was made from and "
            "do not count."
        )
    seen, scored = seen & field_seen, scored & field_seen
    if not scored.any():
        raise InputError("No voxel of the mask lies inside the scan the image was made from.")
    return seen, scored, notes


def _require_around(hole: Mask, body: Mask, preset: Preset) -> None:
    share = int(np.count_nonzero(hole & body)) / max(int(np.count_nonzero(body)), 1)
    if share > MOST_HOLE:
        raise InputError(
            f"The mask takes {share:.0%} of the body: the preset {preset.name} takes its range "
            "from what lies around a hole; give the mask of the hole alone."
        )
