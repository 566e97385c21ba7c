"""A placed lesion in DICOM's words: the finding, and a segment for each of its tissues."""

from __future__ import annotations

import numpy as np
from pydicom.uid import generate_uid

from SynthCore.dicom.lesion_objects import LesionOfMask
from SynthCore.dicom.seg.build import Segment
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.results import MODEL
from SynthCore.lesions.sites import place_of


def lesion_of(placed: Placed) -> LesionOfMask:
    """The lesion, value 1 of its mask."""
    kind, wish = placed.wish.what, placed.wish
    return LesionOfMask(
        1, kind.title, wish.kind, _site_words(placed), f"{MODEL}, seed {wish.seed}", kind.code,
        placed.uid,
    )  # fmt: skip


def tissues_of(placed: Placed) -> tuple[Segment, ...]:
    """Those that it has, by their values in its parts."""
    kind, present = placed.wish.what, set(np.unique(placed.parts.voxels).tolist())
    return tuple(
        Segment(
            n,
            part.name,
            part.name,
            kind.organ,
            part.code,
            tracking_uid=str(generate_uid(entropy_srcs=[placed.uid, part.name])),
        )
        for n, part in enumerate(kind.parts, start=1)
        if n in present
    )


def _site_words(placed: Placed) -> str:
    """Side and region before the rule: standard codes are chosen by these words."""
    wish, rule = placed.wish, str(placed.facts["site"])
    if not place_of(wish):
        return wish.what.organ if rule == "point" else rule
    return f"{place_of(wish)}, {rule}"
