"""One small picture of a case, so that a person looks at every one of them."""

from __future__ import annotations

import io

from PIL import Image as Pillow

from SynthCore.image import Image
from SynthCore.one_run.compute import Computed
from SynthCore.quality.figures import Shown, data_uri, three_planes
from SynthCore.quality.grids import onto_grid, seen_on_grid
from SynthCore.quality.report_pictures import body_of, finite

MOST_WIDE = 780
"""Pixels: large enough to see a hole in a skull, small enough for a page of hundreds."""

_COLORS = 96


def picture_of(found: Computed) -> str:
    """Input, result and reference side by side in one axial slice, as a ``data:`` address.

    The slice is the middle one of the body, or goes through the mask. Of several inputs the one is
    shown on whose grid the result lies.
    """
    made = found.result.image
    role, given = _first(found)
    body = body_of(made)
    region = None if found.mask is None else onto_grid(found.mask, made).voxels > 0.5
    shown = [
        Shown(f"{role} (input)", finite(onto_grid(given, made)), synthetic=bool(given.synthetic)),
        Shown(f"Synthetic {made.modality}", finite(made), synthetic=True),
    ]
    through = None
    if found.reference is not None:
        real, seen = seen_on_grid(found.reference, made)
        through = body if seen is None else body & seen
        title = f"{made.modality} (reference)"
        shown.append(Shown(title, finite(real), synthetic=bool(real.synthetic)))
    drawn = three_planes(shown, body, outline=region, through=through, planes=("axial",), slices=1)
    return data_uri(_small(drawn["axial"]))


def _first(found: Computed) -> tuple[str, Image]:
    used = [role for role in found.result.record.inputs if role in found.images]
    role = found.result.image.modality if found.result.image.modality in used else used[0]
    return role, found.images[role]


def _small(png: bytes) -> bytes:
    """The picture at the size of a row, in few colors: a sixth of the bytes."""
    with Pillow.open(io.BytesIO(png)) as whole:
        picture = whole.convert("RGB")
    if picture.width > MOST_WIDE:
        height = round(picture.height * MOST_WIDE / picture.width)
        picture = picture.resize((MOST_WIDE, height), Pillow.Resampling.LANCZOS)
    buffer = io.BytesIO()
    # by coverage: the mark keeps its color among all the grays
    few = picture.quantize(_COLORS, method=Pillow.Quantize.MAXCOVERAGE)
    few.save(buffer, format="png", optimize=True)
    return buffer.getvalue()
