"""From the spread of a network's answers to a standard deviation of its error, as calibrated.

A network asked again about the same image, changed in ways that should not matter (mirrored, a
little brighter, moved by a few pixels), answers a little differently. That spread alone says how
unsure the network is of itself, not how far it is from the truth: what it was never shown it may
get wrong the same way every time. So the card holds how large errors were on patients whom the
weights never saw, by the predicted CT number, and how they grow with the spread::

    sigma^2 = floor(v)^2 + (factor(v) * spread)^2 + (edge * slope)^2

with the predicted CT number v, floor and factor linear between knots, and the slope of the
prediction in HU/mm, since an edge that lies `edge` mm off is wrong by that times its slope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import ModelError
from SynthCore.models import card_fields as fields

Array = npt.NDArray[Any]
Float32 = npt.NDArray[np.float32]

CHANGES = (
    *("flip-i", "flip-j", "flip-k", "flip-ij"),
    *("brighter", "darker", "gamma-up", "gamma-down"),
    *("shift", "shift-more"),
)
"""Changes of the input that a card may name (`SynthCore.engine.changes`)."""
LOOKS = CHANGES[4:8]
"""Those that change intensities: for images in arbitrary units."""

MOST_KNOTS = 64
LARGEST_HU = 5000.0
LARGEST_FACTOR = 100.0
LARGEST_EDGE_MM = 20.0

_SHARES = ("within_1", "within_2", "cubes_within_1", "cubes_within_2")


@dataclass(frozen=True)
class Calibration:
    """What a card says of the uncertainty of its network.

    Attributes
    ----------
    changes : tuple of str
        Of `CHANGES`: each is one more run of the network.
    knots : tuple of float
        Predicted CT numbers, HU, ascending; beyond the ends the last value holds.
    floor : tuple of float
        HU at each knot.
    factor : tuple of float
        Of the spread, at each knot.
    edge : float
        mm.
    measured : mapping
        On patients left out, as the card has it; for people and reports.
    """

    changes: tuple[str, ...]
    knots: tuple[float, ...]
    floor: tuple[float, ...]
    factor: tuple[float, ...]
    edge: float
    measured: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def runs(self) -> int:
        """How often the network runs for an image with its uncertainty."""
        return 1 + len(self.changes)

    def deviation(
        self, voxels: Array, spread: Array, spacing: tuple[float, float, float]
    ) -> Float32:
        """Standard deviation of the error.

        Parameters
        ----------
        voxels : numpy.ndarray
            Predicted CT numbers [k, j, i], HU.
        spread : numpy.ndarray
            Root mean square difference of the changed runs from them [k, j, i], HU.
        spacing : tuple of float
            mm along (i, j, k).

        Returns
        -------
        numpy.ndarray
            float32 [k, j, i], HU. Worked on slice by slice: two slices are held beyond it.
        """
        out = np.empty(voxels.shape, dtype=np.float32)
        for k in range(len(voxels)):
            plane = voxels[k].astype(np.float32)
            floor = np.interp(plane, self.knots, self.floor)
            moved = np.interp(plane, self.knots, self.factor) * spread[k]
            squares = floor**2 + moved**2
            if self.edge > 0:
                squares += (self.edge * slope(voxels, k, spacing)) ** 2
            out[k] = np.sqrt(squares)
        return out


def slope(voxels: Array, k: int, spacing: tuple[float, float, float]) -> Float32:
    """Length of the gradient in slice k [j, i], HU/mm, by central differences along all axes."""
    first, last = max(0, k - 1), min(len(voxels) - 1, k + 1)
    plane = voxels[k].astype(np.float32)
    squares = np.zeros(plane.shape, dtype=np.float32)
    for axis, step in ((0, spacing[1]), (1, spacing[0])):
        if plane.shape[axis] > 1:
            squares += np.gradient(plane, step, axis=axis) ** 2
    if last > first:
        across = voxels[last].astype(np.float32) - voxels[first].astype(np.float32)
        squares += (across / np.float32((last - first) * spacing[2])) ** 2
    return np.sqrt(squares)


def parse_uncertainty(block: Any, sha256: str) -> Calibration | None:
    """The calibration in a card.

    Parameters
    ----------
    block : object
        ``uncertainty`` of a card; untrusted.
    sha256 : str
        Of the card's weights.

    Returns
    -------
    Calibration or None
        None where there is none, or it was measured with other weights.

    Raises
    ------
    ModelError
        If a field is of a wrong type or out of range.
    """
    if block is None:
        return None
    block = fields.mapping(block, "uncertainty")
    changes = tuple(fields.listed(block["changes"], None, "uncertainty: changes"))
    if not changes or any(c not in CHANGES for c in changes) or len(set(changes)) < len(changes):
        raise ModelError("uncertainty: changes are not different ones that are known")
    knots = _numbers(block["knots_hu"], None, -LARGEST_HU, LARGEST_HU, "knots_hu")
    if not 0 < len(knots) <= MOST_KNOTS or list(knots) != sorted(set(knots)):
        raise ModelError("uncertainty: knots_hu are not in ascending order, or too many")
    measured = fields.mapping(block.get("measured", {}), "uncertainty: measured")
    for name in _SHARES:
        if name in measured:
            fields.number(measured[name], 0, 1, f"uncertainty: {name}")
    if "correlation" in measured:
        fields.number(measured["correlation"], -1, 1, "uncertainty: correlation")
    made = Calibration(
        changes=changes,
        knots=knots,
        floor=_numbers(block["floor_hu"], len(knots), 0, LARGEST_HU, "floor_hu"),
        factor=_numbers(block["factor"], len(knots), 0, LARGEST_FACTOR, "factor"),
        edge=fields.number(block.get("edge_mm", 0.0), 0, LARGEST_EDGE_MM, "uncertainty: edge_mm"),
        measured=measured,
    )
    # errors of other weights are other errors
    return made if fields.text(block, "weights_sha256") == sha256 else None


def _numbers(
    value: Any, length: int | None, low: float, high: float, name: str
) -> tuple[float, ...]:
    what = f"uncertainty: {name}"
    return tuple(fields.number(one, low, high, what) for one in fields.listed(value, length, what))
