"""The part of two images that both show, for scores that know no mask."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.quality.scoring import Case

Mask = npt.NDArray[np.bool_]


def seen_box(seen: Mask) -> tuple[slice, slice, slice]:
    """The smallest box [k, j, i] that holds all that is seen."""
    k, j, i = ndimage.find_objects(seen.astype(np.uint8))[0]
    return k, j, i


def seen_part(case: Case, seen: Mask) -> tuple[Case, str]:
    """Cut a case to whole rows, columns and slices that the reference covers.

    Scores of whole slices take whatever fills the rest for a perfect prediction.

    Parameters
    ----------
    case : Case
        With voxels beyond the reference.
    seen : numpy.ndarray of bool
        [k, j, i]: where the reference has a value.

    Returns
    -------
    Case
        What is left.
    str
        A note on it.

    Raises
    ------
    InputError
        If no slice is left, or none of the mask.
    """
    _, rows, columns = seen_box(seen)
    whole = np.flatnonzero(seen[:, rows, columns].all(axis=(1, 2)))
    if not len(whole) or not case.mask[whole][:, rows, columns].any():
        raise InputError(
            "The reference covers no slice with some of the mask wholly: this preset scores whole "
            "slices; give a reference on the synthetic image's grid, or choose another preset."
        )

    kept = _cut(_cut(case, (slice(None), rows, columns)), whole)
    height, width = kept.mask.shape[1:]
    return kept, (
        f"Scored on what the reference covers wholly: {len(whole)} of {len(seen)} slices, "
        f"{height} x {width} of {seen.shape[1]} x {seen.shape[2]} pixels."
    )


def seen_alone(case: Case, seen: Mask) -> Case:
    """Cut a case to the box that holds all that is seen, for scores that take a range from it.

    Parameters
    ----------
    case : Case
        With voxels beyond the reference.
    seen : numpy.ndarray of bool
        [k, j, i]: where the reference has a value.
    """
    box = seen_box(seen)
    return replace(_cut(case, box), seen=seen[box])


def _cut(case: Case, index: Any) -> Case:
    return replace(
        case,
        synthetic=case.synthetic[index], reference=case.reference[index], mask=case.mask[index],
        lesion=None if case.lesion is None else case.lesion[index],
    )  # fmt: skip
