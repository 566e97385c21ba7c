"""The picture of a person: all images in one plane through the lesion, and again with its outline.

Without the outline first, which hides what is thin.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from SynthCore.image import Image
from SynthCore.quality.display import Window, ct_window
from SynthCore.quality.orientation import axes_of
from SynthCore.quality.panels import Panel, rows_of_panels

NAME = "picture.jpg"
BRAIN = ct_window("brain", 40, 80)
_QUALITY = 88
_ABOVE = 1.3


def picture(
    images: Sequence[Image], brain: npt.NDArray[np.bool_], lesions: Mapping[str, Image]
) -> bytes:
    """Rows of panels as JPEG, each marked SYNTHETIC: one without a lesion, two with one.

    Parameters
    ----------
    images : sequence of Image
        On one grid.
    brain : numpy.ndarray
        bool [k, j, i], which the plane goes through the middle of where there is no lesion.
    lesions : mapping
        Mask by kind.
    """
    axes = axes_of(images[0].affine)
    outline = np.zeros(images[0].shape, dtype=bool)
    for mask in lesions.values():
        outline |= mask.voxels > 0
    turned = axes.turn(outline if outline.any() else brain)
    area = turned.sum(axis=(1, 2))
    level = int(np.argmax(area)) if outline.any() else _middle(area)
    panels = [
        Panel(image.modality, axes.turn(image.voxels), _window(image, brain), synthetic=True)
        for image in images
    ]
    k, j, i = turned.shape
    outlines = [None, axes.turn(outline)] if outline.any() else [None]
    rows = [
        rows_of_panels(
            panels,
            axes,
            "axial",
            [level],
            box=(slice(0, k), slice(0, j), slice(0, i)),
            outline=one,
        )
        for one in outlines
    ]
    return _stacked(rows)


def _stacked(rows: Sequence[bytes]) -> bytes:
    """PNGs below each other, as JPEG."""
    opened = [Pillow.open(io.BytesIO(row)).convert("RGB") for row in rows]
    size = max(one.width for one in opened), sum(one.height for one in opened)
    whole = Pillow.new("RGB", size)
    top = 0
    for one in opened:
        whole.paste(one, (0, top))
        top += one.height
    buffer = io.BytesIO()
    whole.save(buffer, format="JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _window(image: Image, brain: npt.NDArray[np.bool_]) -> Window:
    """For a brain: MR is white somewhat above what is bright in it, fluid aside or not."""
    if image.unit == "HU":
        return BRAIN
    values = image.voxels[brain] if brain.any() else image.voxels.ravel()
    high = max(_ABOVE * float(np.percentile(values, 97.5)), 1.0)
    return Window(0.0, high, f"0 to {high:.0f}")


def _middle(area: npt.NDArray[np.int64]) -> int:
    """The level that half of it lies below."""
    return int(np.searchsorted(np.cumsum(area), area.sum() / 2)) if area.any() else len(area) // 2
