"""How voxels become what a network sees, and back; training and inference share this file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from SynthCore.errors import ModelError

Float32 = npt.NDArray[np.float32]

FOREGROUND_FRACTION = 0.06
"""A voxel is foreground above this fraction of the image's 99th percentile."""


@dataclass(frozen=True)
class Normalization:
    """One role's normalization.

    Attributes
    ----------
    kind : {'percentile', 'linear'}
        ``percentile`` divides by that percentile of the foreground (MR: arbitrary units);
        ``linear`` is ``(x - offset) / scale`` (CT: HU).
    percentile : float
        In percent, for ``percentile``.
    offset, scale : float
        For ``linear``.
    low, high : float
        The normalized values are clipped to this range.
    """

    kind: Literal["percentile", "linear"]
    percentile: float = 99.0
    offset: float = 0.0
    scale: float = 1.0
    low: float = 0.0
    high: float = 1.5

    @classmethod
    def from_card(cls, block: Any) -> Normalization:
        """From the card's JSON.

        Raises
        ------
        ModelError
            If a field is unknown, or the kind or scale is not usable.
        """
        try:
            made = cls(**block)
        except TypeError as error:
            raise ModelError(f"The card's normalization cannot be read: {error}.") from error
        if made.kind not in ("percentile", "linear") or not made.scale > 0:
            raise ModelError(f"The card's normalization of kind {made.kind!r} is not known.")
        return made


def foreground(voxels: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Voxels above `FOREGROUND_FRACTION` of the 99th percentile of the whole image."""
    mask: npt.NDArray[np.bool_] = voxels > FOREGROUND_FRACTION * np.percentile(voxels, 99)
    return mask


def scale_of(voxels: npt.NDArray[Any], normalization: Normalization) -> float:
    """The divisor that `normalize` uses for this image, in the image's own unit."""
    if normalization.kind == "linear":
        return normalization.scale
    mask = foreground(voxels)
    inside = voxels[mask] if mask.any() else voxels
    return max(float(np.percentile(inside, normalization.percentile)), 1e-6)


def normalize(
    voxels: npt.NDArray[Any], normalization: Normalization, scale: float | None = None
) -> Float32:
    """Voxels [k, j, i] as the network sees them, float32 of the same shape.

    `scale` is the divisor, where it is not to be found from these voxels (`scale_of`).
    """
    offset = normalization.offset if normalization.kind == "linear" else 0.0
    divisor = scale_of(voxels, normalization) if scale is None else scale
    scaled = (voxels.astype(np.float32) - np.float32(offset)) / np.float32(divisor)
    return np.clip(scaled, normalization.low, normalization.high, out=scaled)
