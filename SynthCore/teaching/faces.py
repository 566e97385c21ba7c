"""Take faces out of the images of a case, so that a class does not recognize a patient."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from SynthCore.dicom.deidentify.hide_face import faces_in, hide_face
from SynthCore.image import Array, Image
from SynthCore.teaching.study import Study, StudySeries

How = Literal["blur", "remove"]

_LEVELS = 30_000
"""Whole numbers that fractions are counted in while a face is hidden."""


def without_faces(study: Study, how: How) -> tuple[Study, tuple[str, ...]]:
    """Blur the face of every series or take it away.

    Parameters
    ----------
    study : Study
        Of any part of the body.
    how : {'blur', 'remove'}

    Returns
    -------
    Study
        With the same voxels behind the faces.
    tuple of str
        Which series show no face that was found: for a person to look at.
    """
    made: list[StudySeries] = []
    notes: list[str] = []
    for one in study.series:
        found = faces_in(one.image.voxels, one.image.affine, ct=one.image.unit == "HU")
        if found is None:
            notes.append(f"No face was found in {one.asked.name}, so none was hidden; look at it.")
            made.append(one)
            continue
        compare = None if one.compare is None else _hidden(one.compare, found[1], how)
        made.append(replace(one, image=_hidden(one.image, found[1], how), compare=compare))
    return replace(study, series=tuple(made)), tuple(notes)


def _hidden(image: Image, region: Array, how: How) -> Image:
    voxels = np.asarray(image.voxels)
    spacing = image.spacing[::-1]
    if voxels.dtype.kind in "iu":
        return image.with_voxels(hide_face(voxels, region, spacing, how))
    low, span = float(voxels.min()), float(np.ptp(voxels)) or 1.0
    counted = np.round((voxels - low) * (_LEVELS / span)).astype(np.int32)
    changed = hide_face(counted, region, spacing, how) * (span / _LEVELS) + low
    return image.with_voxels(np.where(region, changed, voxels).astype(voxels.dtype))
