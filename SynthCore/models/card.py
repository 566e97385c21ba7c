"""The card of a model: what it was made for, how its input is prepared, what is known of it.

It is the ``synthcore`` block of a MONAI bundle's ``configs/metadata.json``, as `parse_card` checks
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from SynthCore.models.normalize import Normalization

OPEN_TARGETS = ("same", "any")
"""Targets that are no role: the role given, or any output of the task that was not given."""


@dataclass(frozen=True)
class Prepare:
    """From the input's grid to the network's.

    Attributes
    ----------
    spacing_mm : tuple
        Spacing the network works at, along (i, j, k); None keeps the input's own.
    slices : int
        Neighboring slices the network sees (odd), the middle one is made.
    multiple_of : int
        In-plane size is padded to a multiple of this.
    tile : tuple of int
        Largest in-plane tile (rows, columns).
    normalization : mapping
        By role.
    """

    spacing_mm: tuple[float | None, float | None, float | None] = (None, None, None)
    slices: int = 1
    multiple_of: int = 16
    tile: tuple[int, int] = (256, 256)
    normalization: Mapping[str, Normalization] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """From the network's output to the image: ``offset + scale * y``, plus the input if residual.

    Attributes
    ----------
    scale, offset : float
        In the output's unit.
    residual_of : str or None
        Role whose own voxels are added.
    clip : tuple of float or None
        Range of the result.
    outside : float or None
        Value outside the patient's body, None to leave what the network says.
    """

    scale: float = 1.0
    offset: float = 0.0
    residual_of: str | None = None
    clip: tuple[float, float] | None = None
    outside: float | None = None


@dataclass(frozen=True)
class Card:
    """What the engine needs of a card, checked; `block` is all of it, for people and reports."""

    id: str
    version: str
    task: str
    inputs: tuple[str, ...]
    target: str
    unit: str
    kind: Literal["network", "classical"]
    anatomy: str
    weights_sha256: str
    prepare: Prepare
    output: Output
    input_statistics: Mapping[str, Any]
    block: Mapping[str, Any] = field(repr=False)

    def makes(self, target: str) -> bool:
        """Whether the model can make that role."""
        return self.target == target or self.target in OPEN_TARGETS
