"""Display windows by name, as radiologists call them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from SynthCore.dicom.headers import text
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.quality.display import (
    BONE,
    LUNG,
    SOFT_TISSUE,
    Mask,
    Window,
    ct_window,
    windows_of,
)
from SynthCore.teaching.case import WindowWish

CT_WINDOWS: Mapping[str, Window] = {
    one.name: one
    for one in (
        ct_window("brain", 40, 80),
        ct_window("stroke", 40, 40),
        ct_window("subdural", 75, 215),
        SOFT_TISSUE,
        ct_window("liver", 60, 160),
        LUNG,
        BONE,
        ct_window("angiography", 300, 600),
    )
}
"""Customary ones: center and width in HU."""

STANDARD, WIDE = "standard", "wide"
NAMES = (STANDARD, WIDE, *CT_WINDOWS)
"""What a case file may say; the ones of CT are for images in HU alone."""

_HEAD = ("HEAD", "BRAIN", "SKULL")


def windows_for(image: Image, body: Mask, wishes: tuple[WindowWish, ...]) -> tuple[Window, ...]:
    """The windows that are asked for, or those that suit the image.

    Parameters
    ----------
    image : Image
        In HU or arbitrary units.
    body : numpy.ndarray of bool
        Shape ``(k, j, i)``: what arbitrary units are scaled by.
    wishes : tuple of WindowWish
        Empty: for a CT of a head brain, soft tissue and bone, for others what
        `SynthCore.quality.display.windows_of` says; for arbitrary units standard and wide.

    Raises
    ------
    InputError
        If a CT window is asked for an image that is not in HU.
    """
    if wishes:
        return tuple(window_for(image, body, wish) for wish in wishes)
    if image.unit != "HU":
        return _standard(image, body), _wide(image, body)
    if any(text(header, "BodyPartExamined") in _HEAD for header in image.source.headers[:1]):
        return CT_WINDOWS["brain"], SOFT_TISSUE, BONE
    return windows_of(image, body)


def window_for(image: Image, body: Mask, wish: WindowWish) -> Window:
    """One window that is asked for.

    Raises
    ------
    InputError
        As `windows_for`.
    """
    if not wish.name:
        low, high = wish.center - wish.width / 2, wish.center + wish.width / 2
        return Window(low, high, f"W {wish.width:g} L {wish.center:g}")
    if wish.name == STANDARD:
        return _standard(image, body)
    if wish.name == WIDE:
        return _wide(image, body)
    if image.unit != "HU":
        raise InputError(
            f"The window {wish.name!r} is one of CT, and {image.modality or 'the image'} is not "
            f"in HU; ask for {STANDARD}, {WIDE} or [center, width]."
        )
    return CT_WINDOWS[wish.name]


def _standard(image: Image, body: Mask) -> Window:
    first = windows_of(image, body)[0]
    return Window(first.low, first.high, first.label, first.name or STANDARD)


def _wide(image: Image, body: Mask) -> Window:
    """From the least to the 99.9th percentile of the body, the scalp and fat included."""
    values = image.voxels[body] if body.any() else image.voxels.ravel()
    values = values[np.isfinite(values)]
    low, high = (float(v) for v in np.percentile(values, (0.0, 99.9))) if values.size else (0, 1)
    high = high if high > low else low + 1.0
    return Window(low, high, f"{low:.4g} to {high:.4g}", WIDE)
